package dev.comfygateway.simulator.media;

import java.awt.image.BufferedImage;

/**
 * Encodes one picture as VP8L, the lossless form of WebP. A small encoder is enough: green is subtracted, one predictor
 * serves the whole picture, repeated pixels are runs, and each channel has one prefix code.
 */
final class LosslessBitstream {

    private static final int PREDICTOR = 0;
    private static final int SUBTRACT_GREEN = 2;
    private static final int CLAMPED_GRADIENT = 12;
    private static final int SHORTEST_RUN = 4;
    private static final int LONGEST_RUN = 4096;
    private static final int LENGTH_SYMBOLS = 24;
    private static final int DISTANCE_SYMBOLS = 40;
    /** The short form of "the pixel on the left". */
    private static final int LEFT = 1;

    private final BitSink out = new BitSink();
    private final int width;
    private final int height;
    private final boolean alpha;
    /** Literal differences; where a run begins, its length is in the other array. */
    private final int[] pixels;

    private final int[] runs;

    private LosslessBitstream(BufferedImage image) {
        width = image.getWidth();
        height = image.getHeight();
        if (width > WebpWriter.LONGEST_SIDE || height > WebpWriter.LONGEST_SIDE) {
            throw new IllegalArgumentException("WebP has no pictures of " + width + "x" + height);
        }
        alpha = image.getColorModel().hasAlpha();
        pixels = differences(image.getRGB(0, 0, width, height, null, 0, width), width);
        runs = runs(pixels);
    }

    /** The stream of one picture. */
    static byte[] of(BufferedImage image) {
        return new LosslessBitstream(image).encode();
    }

    private byte[] encode() {
        out.put(0x2F, 8);
        out.put(width - 1, 14);
        out.put(height - 1, 14);
        out.put(alpha ? 1 : 0, 1);
        out.put(0, 3);
        describeTransforms();
        // No colour cache, and one set of codes for the whole picture.
        out.put(0, 2);
        writePixels();
        return out.toBytes();
    }

    private void describeTransforms() {
        out.put(1, 1);
        out.put(SUBTRACT_GREEN, 2);
        out.put(1, 1);
        out.put(PREDICTOR, 2);
        // Blocks of 512 pixels, the largest there are, all with the same predictor: the picture of predictors takes
        // no bits beyond its five codes.
        out.put(7, 3);
        out.put(0, 1);
        for (int symbol : new int[] {CLAMPED_GRADIENT, 0, 0, 0, 0}) {
            PrefixCode.constant(symbol).writeTo(out);
        }
        out.put(0, 1);
    }

    private void writePixels() {
        int[] greens = new int[256 + LENGTH_SYMBOLS];
        int[] reds = new int[256];
        int[] blues = new int[256];
        int[] alphas = new int[256];
        int[] distances = new int[DISTANCE_SYMBOLS];
        for (int i = 0; i < pixels.length; i += Math.max(1, runs[i])) {
            if (runs[i] > 0) {
                greens[256 + lengthSymbol(runs[i])]++;
                distances[LEFT]++;
            } else {
                greens[channel(pixels[i], 8)]++;
                reds[channel(pixels[i], 16)]++;
                blues[channel(pixels[i], 0)]++;
                alphas[channel(pixels[i], 24)]++;
            }
        }
        PrefixCode green = described(greens);
        PrefixCode red = described(reds);
        PrefixCode blue = described(blues);
        PrefixCode opacity = described(alphas);
        PrefixCode distance = described(distances);
        for (int i = 0; i < pixels.length; i += Math.max(1, runs[i])) {
            if (runs[i] > 0) {
                writeRun(green, runs[i]);
                distance.put(out, LEFT);
            } else {
                green.put(out, channel(pixels[i], 8));
                red.put(out, channel(pixels[i], 16));
                blue.put(out, channel(pixels[i], 0));
                opacity.put(out, channel(pixels[i], 24));
            }
        }
    }

    private PrefixCode described(int[] counts) {
        PrefixCode code = PrefixCode.of(counts);
        code.writeTo(out);
        return code;
    }

    private void writeRun(PrefixCode green, int length) {
        int symbol = lengthSymbol(length);
        green.put(out, 256 + symbol);
        if (symbol >= 4) {
            out.put(length - 1, (symbol >> 1) - 1);
        }
    }

    /** Twice the position of the highest bit, plus the bit below it; the lower bits follow as they are. */
    private static int lengthSymbol(int length) {
        int value = length - 1;
        if (value < 2) {
            return value;
        }
        int highest = 31 - Integer.numberOfLeadingZeros(value);
        return 2 * highest + ((value >> (highest - 1)) & 1);
    }

    private static int[] runs(int[] pixels) {
        int[] runs = new int[pixels.length];
        for (int i = 1; i < pixels.length; ) {
            int end = i;
            while (end < pixels.length && end - i < LONGEST_RUN && pixels[end] == pixels[i - 1]) {
                end++;
            }
            if (end - i >= SHORTEST_RUN) {
                runs[i] = end - i;
                i = end;
            } else {
                i++;
            }
        }
        return runs;
    }

    /** What is left of each pixel after its neighbours foretold it. */
    private static int[] differences(int[] argb, int width) {
        for (int i = 0; i < argb.length; i++) {
            int green = channel(argb[i], 8);
            int red = (channel(argb[i], 16) - green) & 0xFF;
            int blue = (channel(argb[i], 0) - green) & 0xFF;
            argb[i] = (argb[i] & 0xFF00FF00) | (red << 16) | blue;
        }
        int[] differences = new int[argb.length];
        for (int i = 0; i < argb.length; i++) {
            int foretold;
            if (i == 0) {
                foretold = 0xFF000000;
            } else if (i < width) {
                foretold = argb[i - 1];
            } else if (i % width == 0) {
                foretold = argb[i - width];
            } else {
                foretold = clampedGradient(argb[i - 1], argb[i - width], argb[i - width - 1]);
            }
            int difference = 0;
            for (int shift = 0; shift < 32; shift += 8) {
                difference |= ((channel(argb[i], shift) - channel(foretold, shift)) & 0xFF) << shift;
            }
            differences[i] = difference;
        }
        return differences;
    }

    private static int channel(int pixel, int shift) {
        return (pixel >>> shift) & 0xFF;
    }

    private static int clampedGradient(int left, int top, int topLeft) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = channel(left, shift) + channel(top, shift) - channel(topLeft, shift);
            result |= Math.clamp(value, 0, 255) << shift;
        }
        return result;
    }
}
