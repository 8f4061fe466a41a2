package dev.comfygateway.simulator.media;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;

/** Reads VP8L as its specification says, except for backward references and colour caches. */
final class Vp8lReader {

    private static final int[] ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

    private final byte[] bytes;
    private int at;

    private Vp8lReader(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The pixels as ARGB, row after row; the first two numbers are width and height. */
    static int[] read(byte[] bytes) {
        return new Vp8lReader(bytes).picture();
    }

    private int[] picture() {
        assertThat(bits(8)).isEqualTo(0x2F);
        int width = bits(14) + 1;
        int height = bits(14) + 1;
        bits(1);
        assertThat(bits(3)).as("version").isZero();
        assertThat(bits(3)).as("a transform that subtracts green").isEqualTo(0b101);
        assertThat(bits(3)).as("a predictor transform").isEqualTo(0b001);
        int block = 1 << (bits(3) + 2);
        assertThat(bits(1)).as("colour cache").isZero();
        int across = (width + block - 1) / block;
        int[] modes = pixels(across * ((height + block - 1) / block));
        assertThat(bits(1)).as("further transforms").isZero();
        assertThat(bits(2)).as("colour cache, several code groups").isZero();
        int[] pixels = pixels(width * height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = y * width + x;
                assertThat(modes[y / block * across + x / block] >> 8 & 0xFF).isEqualTo(12);
                for (int shift = 0; shift < 32; shift += 8) {
                    int left = x == 0 ? 0 : pixels[i - 1] >>> shift & 0xFF;
                    int top = y == 0 ? 0 : pixels[i - width] >>> shift & 0xFF;
                    int corner = x == 0 || y == 0 ? 0 : pixels[i - width - 1] >>> shift & 0xFF;
                    int base = shift == 24 ? 255 : 0;
                    int predicted = x > 0 && y > 0
                            ? Math.clamp(left + top - corner, 0, 255)
                            : x > 0 ? left : y > 0 ? top : base;
                    int value = ((pixels[i] >>> shift) + predicted) & 0xFF;
                    pixels[i] = (pixels[i] & ~(0xFF << shift)) | value << shift;
                }
            }
        }
        int[] result = new int[2 + pixels.length];
        result[0] = width;
        result[1] = height;
        for (int i = 0; i < pixels.length; i++) {
            int green = pixels[i] >> 8 & 0xFF;
            int red = ((pixels[i] >> 16) + green) & 0xFF;
            int blue = (pixels[i] + green) & 0xFF;
            result[i + 2] = (pixels[i] & 0xFF00FF00) | red << 16 | blue;
        }
        return result;
    }

    private int[] pixels(int count) {
        Code green = code(280);
        Code red = code(256);
        Code blue = code(256);
        Code alpha = code(256);
        code(40);
        int[] pixels = new int[count];
        for (int i = 0; i < count; i++) {
            pixels[i] = green.next() << 8;
            pixels[i] |= red.next() << 16;
            pixels[i] |= blue.next();
            pixels[i] |= alpha.next() << 24;
        }
        return pixels;
    }

    private Code code(int size) {
        Code code = new Code();
        if (bits(1) == 1) {
            assertThat(bits(1)).as("a second symbol").isZero();
            code.only = bits(bits(1) == 1 ? 8 : 1);
            return code;
        }
        int given = bits(4) + 4;
        int[] lengthLengths = new int[19];
        for (int i = 0; i < given; i++) {
            lengthLengths[ORDER[i]] = bits(3);
        }
        Code lengthCode = new Code();
        lengthCode.fill(lengthLengths);
        assertThat(bits(1)).as("a limit of symbols").isZero();
        int[] lengths = new int[size];
        for (int i = 0; i < size; ) {
            int symbol = lengthCode.next();
            if (symbol < 16) {
                lengths[i++] = symbol;
            } else {
                assertThat(symbol).isGreaterThan(16);
                i += symbol == 17 ? bits(3) + 3 : bits(7) + 11;
            }
        }
        code.fill(lengths);
        return code;
    }

    private int bits(int count) {
        int value = 0;
        for (int i = 0; i < count; i++, at++) {
            value |= (bytes[at / 8] >> at % 8 & 1) << i;
        }
        return value;
    }

    /** A prefix code by the text of its bits, the first one leading after a 1. */
    private final class Code {

        private final Map<Integer, Integer> symbols = new HashMap<>();
        private int only = -1;

        void fill(int[] lengths) {
            int next = 0;
            for (int length = 1; length < 16; length++) {
                for (int symbol = 0; symbol < lengths.length; symbol++) {
                    if (lengths[symbol] == length) {
                        symbols.put(1 << length | next++, symbol);
                    }
                }
                next <<= 1;
            }
            assertThat(next).as("the code is complete").isEqualTo(1 << 16);
        }

        int next() {
            if (only >= 0) {
                return only;
            }
            int read = 1;
            while (read < 1 << 16) {
                read = read << 1 | bits(1);
                Integer symbol = symbols.get(read);
                if (symbol != null) {
                    return symbol;
                }
            }
            throw new AssertionError("no such code");
        }
    }
}
