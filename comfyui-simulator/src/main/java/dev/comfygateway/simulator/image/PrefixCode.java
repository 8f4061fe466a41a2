package dev.comfygateway.simulator.image;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** A canonical Huffman code of at most 15 bits, in the form that lossless WebP describes codes. */
final class PrefixCode {

    private static final int LONGEST = 15;
    private static final int[] LENGTH_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final int[] lengths;
    private final int[] codes;
    private final List<Integer> used = new ArrayList<>();

    private PrefixCode(int[] counts) {
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                used.add(symbol);
            }
        }
        if (used.isEmpty()) {
            used.add(0);
        }
        lengths = used.size() == 1 ? new int[counts.length] : limitedLengths(counts);
        codes = canonical(lengths);
    }

    /** The best code for symbols that occur that often. */
    static PrefixCode of(int[] counts) {
        return new PrefixCode(counts);
    }

    /** The code of an alphabet in which only one symbol occurs: it takes no bits. */
    static PrefixCode constant(int symbol) {
        int[] counts = new int[256];
        counts[symbol] = 1;
        return new PrefixCode(counts);
    }

    void write(BitSink out, int symbol) {
        out.bits(codes[symbol], lengths[symbol]);
    }

    void describe(BitSink out) {
        if (used.size() <= 2 && used.getLast() < 256) {
            out.bits(1, 1);
            out.bits(used.size() - 1, 1);
            out.bits(1, 1);
            used.forEach(symbol -> out.bits(symbol, 8));
            return;
        }
        out.bits(0, 1);
        // The code of the lengths themselves: 0 to 15 take four bits each, and the run codes 16 to 18 are not used.
        out.bits(LENGTH_ORDER.length - 4, 4);
        for (int code : LENGTH_ORDER) {
            out.bits(code <= LONGEST ? 4 : 0, 3);
        }
        out.bits(0, 1);
        for (int length : lengths) {
            out.bits(reversed(length, 4), 4);
        }
    }

    private static int[] limitedLengths(int[] counts) {
        for (int floor = 1; ; floor *= 2) {
            int[] lengths = lengths(counts, floor);
            int longest = 0;
            for (int length : lengths) {
                longest = Math.max(longest, length);
            }
            if (longest <= LONGEST) {
                return lengths;
            }
        }
    }

    private record Node(
            long count,
            int order,
            int symbol,
            @Nullable Node left,
            @Nullable Node right) {}

    /** Rare symbols are counted as often as the floor says, which keeps the tree flat. */
    private static int[] lengths(int[] counts, int floor) {
        PriorityQueue<Node> queue =
                new PriorityQueue<>(Comparator.comparingLong(Node::count).thenComparingInt(Node::order));
        int order = 0;
        for (int symbol = 0; symbol < counts.length; symbol++) {
            if (counts[symbol] > 0) {
                queue.add(new Node(Math.max(counts[symbol], floor), order++, symbol, null, null));
            }
        }
        while (queue.size() > 1) {
            Node left = queue.remove();
            Node right = queue.remove();
            queue.add(new Node(left.count + right.count, order++, -1, left, right));
        }
        int[] lengths = new int[counts.length];
        measure(queue.remove(), 0, lengths);
        return lengths;
    }

    private static void measure(Node node, int depth, int[] lengths) {
        if (node.left == null || node.right == null) {
            lengths[node.symbol] = depth;
            return;
        }
        measure(node.left, depth + 1, lengths);
        measure(node.right, depth + 1, lengths);
    }

    private static int[] canonical(int[] lengths) {
        int[] counts = new int[LONGEST + 1];
        for (int length : lengths) {
            counts[length]++;
        }
        counts[0] = 0;
        int[] next = new int[LONGEST + 1];
        for (int length = 1; length <= LONGEST; length++) {
            next[length] = (next[length - 1] + counts[length - 1]) << 1;
        }
        int[] codes = new int[lengths.length];
        for (int symbol = 0; symbol < lengths.length; symbol++) {
            if (lengths[symbol] > 0) {
                codes[symbol] = reversed(next[lengths[symbol]]++, lengths[symbol]);
            }
        }
        return codes;
    }

    private static int reversed(int code, int width) {
        return width == 0 ? 0 : Integer.reverse(code) >>> (32 - width);
    }
}
