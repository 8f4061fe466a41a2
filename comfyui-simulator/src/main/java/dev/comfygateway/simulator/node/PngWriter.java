package dev.comfygateway.simulator.node;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes 8-bit RGB PNGs quickly: ImageIO's writer takes several times as long for small pictures. */
final class PngWriter {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

    private PngWriter() {}

    static byte[] write(BufferedImage image, Map<String, String> texts) {
        int width = image.getWidth();
        int height = image.getHeight();
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
            out.write(SIGNATURE);
            chunk(
                    out,
                    "IHDR",
                    ByteBuffer.allocate(13)
                            .putInt(width)
                            .putInt(height)
                            .put(new byte[] {8, 2, 0, 0, 0})
                            .array());
            for (var text : texts.entrySet()) {
                chunk(out, "tEXt", (text.getKey() + "\0" + text.getValue()).getBytes(StandardCharsets.ISO_8859_1));
            }
            chunk(out, "IDAT", pixels(image, width, height));
            chunk(out, "IEND", new byte[0]);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] pixels(BufferedImage image, int width, int height) throws IOException {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED);
        ByteArrayOutputStream out = new ByteArrayOutputStream(8192);
        try (DeflaterOutputStream deflated = new DeflaterOutputStream(out, deflater, 16384)) {
            int[] row = new int[width];
            byte[] line = new byte[1 + 3 * width];
            for (int y = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                // Filter 1: each byte as the difference to the pixel on its left, which makes gradients small.
                line[0] = 1;
                int left = 0;
                for (int x = 0, at = 1; x < width; x++) {
                    int pixel = row[x];
                    line[at++] = (byte) ((pixel >> 16) - (left >> 16));
                    line[at++] = (byte) ((pixel >> 8) - (left >> 8));
                    line[at++] = (byte) (pixel - left);
                    left = pixel;
                }
                deflated.write(line);
            }
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    private static void chunk(ByteArrayOutputStream out, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.US_ASCII);
        CRC32 crc = new CRC32();
        crc.update(name);
        crc.update(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        out.writeBytes(name);
        out.writeBytes(data);
        out.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}
