package dev.comfygateway.simulator.media;

import java.util.Comparator;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A canonical prefix code over one channel's values, as VP8L writes it. */
final class PrefixCode {

    private static final int LONGEST = 15;
    /** The order in which the lengths of the code for code lengths are written. */
    private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int[] lengths;
    private final int[] codes;
    private final int only;

    private PrefixCode(int[] lengths, int only) {
        this.lengths = lengths;
        this.codes = codes(lengths);
        this.only = only;
    }

    /** A code for values that occur that often; the alphabet is as large as the array. */
    static PrefixCode of(int[] counts) {
        int used = 0;
        int last = 0;
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                used++;
                last = i;
            }
        }
        if (used < 2) {
            return new PrefixCode(new int[counts.length], last);
        }
        int[] scaled = counts.clone();
        int[] lengths = lengths(scaled);
        // Flatter counts make a flatter tree.
        while (deepest(lengths) > LONGEST) {
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] = (scaled[i] + 1) / 2;
            }
            lengths = lengths(scaled);
        }
        return new PrefixCode(lengths, -1);
    }

    /** A code for a value that is always the same. */
    static PrefixCode constant(int value) {
        return new PrefixCode(new int[0], value);
    }

    /** Writes what the reader needs to know the code. */
    void writeTo(BitSink sink) {
        if (only >= 0) {
            // The simple form: one symbol of eight bits, which then takes no bits at all.
            sink.put(0b101, 3);
            sink.put(only, 8);
            return;
        }
        sink.put(0, 1);
        sink.put(ORDER.length - 4, 4);
        int[] lengthLengths = new int[19];
        for (int i = 0; i < 19; i++) {
            lengthLengths[i] = i == 16 ? 0 : i >= 12 && i <= 15 ? 5 : 4;
        }
        for (int symbol : ORDER) {
            sink.put(lengthLengths[symbol], 3);
        }
        PrefixCode lengthCode = new PrefixCode(lengthLengths, -1);
        sink.put(0, 1);
        for (int i = 0; i < lengths.length; ) {
            int zeros = 0;
            while (i + zeros < lengths.length && lengths[i + zeros] == 0 && zeros < 138) {
                zeros++;
            }
            if (zeros >= 11) {
                lengthCode.put(sink, 18);
                sink.put(zeros - 11, 7);
            } else if (zeros >= 3) {
                lengthCode.put(sink, 17);
                sink.put(zeros - 3, 3);
            } else {
                lengthCode.put(sink, lengths[i]);
                zeros = 1;
            }
            i += zeros;
        }
    }

    /** Writes one value. */
    void put(BitSink sink, int symbol) {
        if (only < 0) {
            sink.put(codes[symbol], lengths[symbol]);
        }
    }

    private record Tree(
            long count,
            int symbol,
            @Nullable Tree left,
            @Nullable Tree right) {}

    private static int[] lengths(int[] counts) {
        PriorityQueue<Tree> trees =
                new PriorityQueue<>(Comparator.comparingLong(Tree::count).thenComparingInt(Tree::symbol));
        for (int i = 0; i < counts.length; i++) {
            if (counts[i] > 0) {
                trees.add(new Tree(counts[i], i, null, null));
            }
        }
        while (trees.size() > 1) {
            Tree left = trees.remove();
            Tree right = trees.remove();
            trees.add(new Tree(left.count + right.count, Math.min(left.symbol, right.symbol), left, right));
        }
        int[] lengths = new int[counts.length];
        measure(trees.remove(), 0, lengths);
        return lengths;
    }

    private static void measure(Tree tree, int depth, int[] lengths) {
        if (tree.left == null || tree.right == null) {
            lengths[tree.symbol] = depth;
        } else {
            measure(tree.left, depth + 1, lengths);
            measure(tree.right, depth + 1, lengths);
        }
    }

    private static int deepest(int[] lengths) {
        int deepest = 0;
        for (int length : lengths) {
            deepest = Math.max(deepest, length);
        }
        return deepest;
    }

    /** Codes by length, then by symbol; reversed, since the first bit of a code is its highest. */
    private static int[] codes(int[] lengths) {
        int[] codes = new int[lengths.length];
        int next = 0;
        for (int length = 1; length <= LONGEST; length++) {
            for (int symbol = 0; symbol < lengths.length; symbol++) {
                if (lengths[symbol] == length) {
                    codes[symbol] = Integer.reverse(next++) >>> (32 - length);
                }
            }
            next <<= 1;
        }
        return codes;
    }
}
