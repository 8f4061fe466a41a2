package dev.comfygateway.simulator.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes RGB PNGs quickly: ImageIO's writer takes several times as long for small pictures. */
public final class PngWriter {

    static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    private PngWriter() {}

    /** Eight bits a channel, with texts in front of the pixels. */
    public static byte[] write(BufferedImage image, Map<String, String> texts) {
        return write(image, texts, 8);
    }

    /** Sixteen bits a channel. */
    public static byte[] writeDeep(BufferedImage image, Map<String, String> texts) {
        return write(image, texts, 16);
    }

    private static byte[] write(BufferedImage image, Map<String, String> texts, int depth) {
        ByteSink out = new ByteSink().bytes(SIGNATURE).bytes(header(image, depth));
        writeTexts(out, texts);
        return out.bytes(chunk("IDAT", pixels(image, depth)))
                .bytes(chunk("IEND", new byte[0]))
                .toBytes();
    }

    /** An animation of pictures of one size that plays for ever. */
    public static byte[] animation(List<BufferedImage> images, double framesPerSecond, Map<String, String> texts) {
        BufferedImage first = images.getFirst();
        ByteSink out = new ByteSink().bytes(SIGNATURE).bytes(header(first, 8));
        out.bytes(chunk("acTL", new ByteSink().big(images.size(), 4).big(0, 4).toBytes()));
        writeTexts(out, texts);
        int sequence = 0;
        for (int i = 0; i < images.size(); i++) {
            ByteSink control = new ByteSink()
                    .big(sequence++, 4)
                    .big(first.getWidth(), 4)
                    .big(first.getHeight(), 4)
                    .big(0, 8)
                    .big(Math.clamp(Math.round(1000 / framesPerSecond), 1, 0xFFFF), 2)
                    .big(1000, 2)
                    .big(0, 2);
            out.bytes(chunk("fcTL", control.toBytes()));
            byte[] pixels = pixels(images.get(i), 8);
            if (i == 0) {
                out.bytes(chunk("IDAT", pixels));
            } else {
                out.bytes(chunk(
                        "fdAT", new ByteSink().big(sequence++, 4).bytes(pixels).toBytes()));
            }
        }
        return out.bytes(chunk("IEND", new byte[0])).toBytes();
    }

    static byte[] header(BufferedImage image, int depth) {
        return chunk(
                "IHDR",
                new ByteSink()
                        .big(image.getWidth(), 4)
                        .big(image.getHeight(), 4)
                        .bytes(new byte[] {(byte) depth, 2, 0, 0, 0})
                        .toBytes());
    }

    private static void writeTexts(ByteSink out, Map<String, String> texts) {
        texts.forEach(
                (key, value) -> out.bytes(chunk("tEXt", (key + "\0" + value).getBytes(StandardCharsets.ISO_8859_1))));
    }

    static byte[] pixels(BufferedImage image, int depth) {
        int width = image.getWidth();
        int bytes = depth / 8;
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try (DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater, 16384)) {
            int[] row = new int[width];
            byte[] line = new byte[1 + 3 * bytes * width];
            for (int y = 0; y < image.getHeight(); y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                // Filter 1: each byte as the difference to the pixel on its left, which makes gradients small.
                line[0] = 1;
                int left = 0;
                int at = 1;
                for (int pixel : row) {
                    for (int shift = 16; shift >= 0; shift -= 8) {
                        byte difference = (byte) ((pixel >> shift) - (left >> shift));
                        // The deep form repeats the byte: 255 becomes 65535.
                        for (int i = 0; i < bytes; i++) {
                            line[at++] = difference;
                        }
                    }
                    left = pixel;
                }
                deflated.write(line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    static byte[] chunk(String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        return new ByteSink()
                .big(data.length, 4)
                .bytes(name)
                .bytes(data)
                .big(crc.getValue(), 4)
                .toBytes();
    }
}
