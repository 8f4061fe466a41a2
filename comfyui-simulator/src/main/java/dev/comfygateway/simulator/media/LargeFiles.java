package dev.comfygateway.simulator.media;

import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32;

/** Writes valid files of exactly a wanted size, most of it noise that readers skip, without holding them in memory. */
public final class LargeFiles {

    private static final int PIECE = 1 << 20;
    /** The length, the type and the sum around each piece of a PNG. */
    private static final int CHUNK = 12;

    private LargeFiles() {}

    /** A PNG padded with chunks of a private type. */
    public static void png(Path file, long size, long seed) throws IOException {
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int i = 0; i < 256; i++) {
            image.setRGB(i % 16, i / 16, random.nextInt());
        }
        byte[] head = new ByteSink()
                .bytes(PngWriter.SIGNATURE)
                .bytes(PngWriter.header(image, 8))
                .bytes(PngWriter.chunk("IDAT", PngWriter.pixels(image, 8)))
                .toBytes();
        byte[] end = PngWriter.chunk("IEND", new byte[0]);
        try (OutputStream out = open(file)) {
            out.write(head);
            long left = size - head.length - end.length;
            while (left > 0) {
                // The last chunk but one leaves room for a whole one.
                long piece = left <= PIECE ? left : Math.min(PIECE, left - CHUNK);
                byte[] noise = noise(random, (int) piece - CHUNK);
                byte[] start = new ByteSink().big(noise.length, 4).text("siMp").toBytes();
                CRC32 crc = new CRC32();
                crc.update(start, 4, 4);
                crc.update(noise);
                out.write(start);
                out.write(noise);
                out.write(new ByteSink().big(crc.getValue(), 4).toBytes());
                left -= piece;
            }
            out.write(end);
        }
    }

    /** An MP4 clip padded with a free box. */
    public static void mp4(Path file, long size, long seed) throws IOException {
        byte[] head = Clips.mp4Head();
        long padding = size - head.length;
        padded(file, head, Clips.mp4Padding(padding), padding, seed);
    }

    /** A WEBM clip padded with a void element. */
    public static void webm(Path file, long size, long seed) throws IOException {
        long padding = size - Clips.webmHead(0).length;
        padded(file, Clips.webmHead(padding), Clips.webmPadding(padding), padding, seed);
    }

    private static void padded(Path file, byte[] head, byte[] start, long padding, long seed) throws IOException {
        Random random = new Random(seed);
        try (OutputStream out = open(file)) {
            out.write(head);
            out.write(start);
            for (long left = padding - start.length; left > 0; left -= PIECE) {
                out.write(noise(random, (int) Math.min(PIECE, left)));
            }
        }
    }

    private static byte[] noise(Random random, int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private static OutputStream open(Path file) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(file));
    }
}
