package dev.comfygateway.simulator.media;

import java.awt.image.BufferedImage;

/**
 * Encodes one picture as VP8L, WEBP's lossless form: green is subtracted, every pixel is predicted from its
 * neighbours, and each channel of what is left gets one prefix code. No backward references: pictures of a simulator
 * are small.
 */
final class LosslessBitstream {

    /** Predicts left + top - top left, each channel kept within a byte; gradients vanish with it. */
    private static final int PREDICTOR = 12;
    /** Prediction blocks as large as they can be: all have the same predictor. */
    private static final int BLOCK_BITS = 9;

    private static final int OPAQUE_BLACK = 0xFF000000;

    private LosslessBitstream() {}

    static byte[] of(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        if (width > 1 << 14 || height > 1 << 14) {
            throw new IllegalArgumentException("WEBP ends at 16384 pixels");
        }
        BitSink sink = new BitSink();
        sink.put(0x2F, 8);
        sink.put(width - 1, 14);
        sink.put(height - 1, 14);
        sink.put(image.getColorModel().hasAlpha() ? 1 : 0, 1);
        sink.put(0, 3);
        sink.put(1, 1);
        sink.put(2, 2);
        sink.put(1, 1);
        sink.put(0, 2);
        sink.put(BLOCK_BITS - 2, 3);
        predictors(sink);
        sink.put(0, 1);
        int[] residuals = residuals(withoutGreen(image), width, height);
        // No colour cache, and one set of codes for the whole picture.
        sink.put(0, 2);
        pixels(sink, residuals);
        return sink.toBytes();
    }

    /** The picture of predictors: each pixel's green names one. As all are the same, no pixel takes any bit. */
    private static void predictors(BitSink sink) {
        sink.put(0, 1);
        PrefixCode.constant(PREDICTOR).writeTo(sink);
        for (int i = 0; i < 4; i++) {
            PrefixCode.constant(0).writeTo(sink);
        }
    }

    private static int[] withoutGreen(BufferedImage image) {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        for (int i = 0; i < pixels.length; i++) {
            int green = pixels[i] >> 8 & 0xFF;
            pixels[i] =
                    (pixels[i] & 0xFF00FF00) | ((pixels[i] >> 16) - green & 0xFF) << 16 | (pixels[i] - green & 0xFF);
        }
        return pixels;
    }

    private static int[] residuals(int[] pixels, int width, int height) {
        int[] residuals = new int[pixels.length];
        for (int y = 0, at = 0; y < height; y++) {
            for (int x = 0; x < width; x++, at++) {
                int predicted;
                if (y == 0) {
                    predicted = x == 0 ? OPAQUE_BLACK : pixels[at - 1];
                } else if (x == 0) {
                    predicted = pixels[at - width];
                } else {
                    predicted = predict(pixels[at - 1], pixels[at - width], pixels[at - width - 1]);
                }
                residuals[at] = minus(pixels[at], predicted);
            }
        }
        return residuals;
    }

    private static int predict(int left, int top, int corner) {
        int predicted = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            int value = channel(left, shift) + channel(top, shift) - channel(corner, shift);
            predicted |= Math.clamp(value, 0, 255) << shift;
        }
        return predicted;
    }

    private static int minus(int pixel, int predicted) {
        int result = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            result |= (channel(pixel, shift) - channel(predicted, shift) & 0xFF) << shift;
        }
        return result;
    }

    private static void pixels(BitSink sink, int[] pixels) {
        // Green's alphabet has 24 more symbols, for lengths of backward references.
        int[][] counts = {new int[280], new int[256], new int[256], new int[256]};
        int[] shifts = {8, 16, 0, 24};
        for (int pixel : pixels) {
            for (int i = 0; i < 4; i++) {
                counts[i][channel(pixel, shifts[i])]++;
            }
        }
        PrefixCode[] codes = new PrefixCode[4];
        for (int i = 0; i < 4; i++) {
            codes[i] = PrefixCode.of(counts[i]);
            codes[i].writeTo(sink);
        }
        PrefixCode.constant(0).writeTo(sink);
        for (int pixel : pixels) {
            for (int i = 0; i < 4; i++) {
                codes[i].put(sink, channel(pixel, shifts[i]));
            }
        }
    }

    private static int channel(int pixel, int shift) {
        return pixel >>> shift & 0xFF;
    }
}
