package dev.comfygateway.simulator.assets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;

/** The BLAKE3 hash of a stream: assets are named by it, and the JDK does not have it. */
final class Blake3 {

    private static final int BLOCK = 64;
    private static final int CHUNK = 1024;
    private static final int CHUNK_START = 1;
    private static final int CHUNK_END = 2;
    private static final int PARENT = 4;
    private static final int ROOT = 8;

    private static final int[] IV = {
        0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19
    };
    private static final int[] PERMUTATION = {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8};

    /** Chaining values of finished subtrees, the largest first. */
    private final int[][] stack = new int[54][];

    private int depth;

    private Blake3() {}

    /** 64 hexadecimal digits. */
    static String hex(InputStream in) throws IOException {
        return new Blake3().hash(in);
    }

    private String hash(InputStream in) throws IOException {
        long chunks = 0;
        byte[] chunk = in.readNBytes(CHUNK);
        while (true) {
            byte[] following = in.readNBytes(CHUNK);
            if (following.length == 0) {
                return finish(chunk, chunks);
            }
            push(chainingValue(chunk, chunks), ++chunks);
            chunk = following;
        }
    }

    /** Joins subtrees of equal size: there is one for each bit that is set in the number of chunks. */
    private void push(int[] value, long chunks) {
        int[] joined = value;
        for (long count = chunks; (count & 1) == 0; count >>= 1) {
            joined = first(parent(stack[--depth], joined, 0));
        }
        stack[depth++] = joined;
    }

    private String finish(byte[] chunk, long index) {
        int[] output = compressChunk(chunk, index, depth == 0 ? ROOT : 0);
        while (depth > 0) {
            int[] left = stack[--depth];
            output = parent(left, first(output), depth == 0 ? ROOT : 0);
        }
        ByteBuffer bytes = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : first(output)) {
            bytes.putInt(word);
        }
        return HexFormat.of().formatHex(bytes.array());
    }

    private static int[] chainingValue(byte[] chunk, long index) {
        return first(compressChunk(chunk, index, 0));
    }

    private static int[] first(int[] state) {
        return Arrays.copyOf(state, 8);
    }

    private static int[] compressChunk(byte[] chunk, long index, int lastFlags) {
        int[] value = IV;
        int blocks = Math.max(1, (chunk.length + BLOCK - 1) / BLOCK);
        for (int i = 0; ; i++) {
            int start = i * BLOCK;
            int length = Math.min(BLOCK, chunk.length - start);
            boolean last = i == blocks - 1;
            int flags = (i == 0 ? CHUNK_START : 0) | (last ? CHUNK_END | lastFlags : 0);
            int[] state = compress(value, words(chunk, start, length), index, length, flags);
            if (last) {
                return state;
            }
            value = first(state);
        }
    }

    private static int[] words(byte[] bytes, int start, int length) {
        ByteBuffer block = ByteBuffer.wrap(Arrays.copyOfRange(bytes, start, start + length))
                .order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer padded =
                ByteBuffer.allocate(BLOCK).order(ByteOrder.LITTLE_ENDIAN).put(block);
        padded.rewind();
        int[] words = new int[16];
        for (int i = 0; i < words.length; i++) {
            words[i] = padded.getInt();
        }
        return words;
    }

    private static int[] parent(int[] left, int[] right, int flags) {
        int[] words = Arrays.copyOf(left, 16);
        System.arraycopy(right, 0, words, 8, 8);
        return compress(IV, words, 0, BLOCK, PARENT | flags);
    }

    private static int[] compress(int[] value, int[] block, long counter, int length, int flags) {
        int[] s = Arrays.copyOf(value, 16);
        System.arraycopy(IV, 0, s, 8, 4);
        s[12] = (int) counter;
        s[13] = (int) (counter >>> 32);
        s[14] = length;
        s[15] = flags;
        int[] m = block;
        for (int round = 0; round < 7; round++) {
            mix(s, 0, 4, 8, 12, m[0], m[1]);
            mix(s, 1, 5, 9, 13, m[2], m[3]);
            mix(s, 2, 6, 10, 14, m[4], m[5]);
            mix(s, 3, 7, 11, 15, m[6], m[7]);
            mix(s, 0, 5, 10, 15, m[8], m[9]);
            mix(s, 1, 6, 11, 12, m[10], m[11]);
            mix(s, 2, 7, 8, 13, m[12], m[13]);
            mix(s, 3, 4, 9, 14, m[14], m[15]);
            int[] permuted = new int[16];
            for (int i = 0; i < 16; i++) {
                permuted[i] = m[PERMUTATION[i]];
            }
            m = permuted;
        }
        for (int i = 0; i < 8; i++) {
            s[i] ^= s[i + 8];
            s[i + 8] ^= value[i];
        }
        return s;
    }

    private static void mix(int[] s, int a, int b, int c, int d, int x, int y) {
        s[a] += s[b] + x;
        s[d] = Integer.rotateRight(s[d] ^ s[a], 16);
        s[c] += s[d];
        s[b] = Integer.rotateRight(s[b] ^ s[c], 12);
        s[a] += s[b] + y;
        s[d] = Integer.rotateRight(s[d] ^ s[a], 8);
        s[c] += s[d];
        s[b] = Integer.rotateRight(s[b] ^ s[c], 7);
    }
}
