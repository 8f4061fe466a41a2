package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.PngWriter;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.imageio.ImageIO;
import tools.jackson.databind.node.ObjectNode;

/** The binary frames: two kinds of pictures, and texts. */
public final class PreviewFrames {

    private static final int LONGEST_SIDE = 512;

    private PreviewFrames() {}

    /** A preview: scaled, and of the kind that loses. */
    public static Picture preview(BufferedImage image) {
        return new Picture(1, "image/jpeg", jpeg(image));
    }

    /** A whole picture. */
    public static Picture whole(BufferedImage image) {
        return new Picture(2, "image/png", PngWriter.write(image, Map.of()));
    }

    /**
     * An encoded picture.
     *
     * @param format 1 or 2 on the wire
     * @param type its media type
     * @param bytes its bytes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Picture(int format, String type, byte[] bytes) {}

    /** Type 1: format and bytes, nothing that says whose picture it is. */
    public static byte[] plain(Picture picture) {
        return ByteBuffer.allocate(8 + picture.bytes().length)
                .putInt(1)
                .putInt(picture.format())
                .put(picture.bytes())
                .array();
    }

    /** Type 3: the node's id and a text. */
    public static byte[] text(String node, String text) {
        byte[] id = node.getBytes(StandardCharsets.UTF_8);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + id.length + bytes.length)
                .putInt(3)
                .putInt(id.length)
                .put(id)
                .put(bytes)
                .array();
    }

    /** Type 4: a JSON description before the bytes. */
    public static byte[] described(ObjectNode description, Picture picture) {
        byte[] json = Json.bytes(description.put("image_type", picture.type()));
        return ByteBuffer.allocate(8 + json.length + picture.bytes().length)
                .putInt(4)
                .putInt(json.length)
                .put(json)
                .put(picture.bytes())
                .array();
    }

    private static byte[] jpeg(BufferedImage image) {
        double factor = (double) LONGEST_SIDE / Math.max(image.getWidth(), image.getHeight());
        int width = Math.max(1, (int) (image.getWidth() * factor));
        int height = Math.max(1, (int) (image.getHeight() * factor));
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
            ImageIO.write(scaled, "jpeg", out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
