package dev.comfygateway.simulator.node;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.SplittableRandom;

/** Paints a picture that depends on a text and a seed, in place of a diffusion model. */
final class Painter {

    private static final int BLOBS = 5;

    private Painter() {}

    static BufferedImage paint(int width, int height, Scene scene, int index) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        if (scene.strength() == 0) {
            java.util.Arrays.fill(pixels, 0x7F7F7F);
            return image;
        }
        // The text decides the palette, the seed the composition.
        SplittableRandom palette = new SplittableRandom(hash(scene.text()));
        SplittableRandom layout = new SplittableRandom(scene.seed() * 31 + index + hash(scene.text()));
        float hue = (float) palette.nextDouble();
        int sky = Color.HSBtoRGB(hue, 0.65f, 0.55f + 0.4f * (float) palette.nextDouble());
        int ground = Color.HSBtoRGB(hue + 0.25f + 0.3f * (float) palette.nextDouble(), 0.75f, 0.45f);
        double[] across = wave(width, 1 + layout.nextInt(4), layout.nextDouble());
        double[] down = wave(height, 1 + layout.nextInt(4), layout.nextDouble());
        double[][] blobs = new double[BLOBS][];
        int[] colours = new int[BLOBS];
        for (int i = 0; i < BLOBS; i++) {
            double radius = (0.05 + 0.15 * layout.nextDouble()) * Math.min(width, height);
            blobs[i] = new double[] {layout.nextDouble() * width, layout.nextDouble() * height, radius * radius};
            colours[i] = Color.HSBtoRGB((float) layout.nextDouble(), 0.8f, 1.0f);
        }
        double strength = Math.clamp(0.3 + 0.7 * scene.strength(), 0, 1);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                double blend = Math.clamp((double) y / height + 0.18 * (across[x] + down[y]), 0, 1);
                pixels[y * width + x] = mix(0x7F7F7F, blobs(mix(sky, ground, blend), x, y, blobs, colours), strength);
            }
        }
        return image;
    }

    private static int blobs(int background, int x, int y, double[][] blobs, int[] colours) {
        int colour = background;
        for (int i = 0; i < BLOBS; i++) {
            double dx = x - blobs[i][0];
            double dy = y - blobs[i][1];
            double share = blobs[i][2] / (blobs[i][2] + dx * dx + dy * dy);
            if (share > 0.08) {
                colour = mix(colour, colours[i], share * share);
            }
        }
        return colour;
    }

    private static double[] wave(int length, int cycles, double phase) {
        double[] wave = new double[length];
        for (int i = 0; i < length; i++) {
            wave[i] = Math.sin(2 * Math.PI * (cycles * (double) i / length + phase));
        }
        return wave;
    }

    private static int mix(int from, int to, double share) {
        int weight = (int) (share * 256);
        int redBlue = ((from & 0xFF00FF) * (256 - weight) + (to & 0xFF00FF) * weight) >>> 8 & 0xFF00FF;
        int green = ((from & 0x00FF00) * (256 - weight) + (to & 0x00FF00) * weight) >>> 8 & 0x00FF00;
        return redBlue | green;
    }

    private static long hash(String text) {
        long hash = 1125899906842597L;
        for (int i = 0; i < text.length(); i++) {
            hash = 31 * hash + text.charAt(i);
        }
        return hash;
    }
}
