package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.graph.Json;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import javax.imageio.ImageIO;
import tools.jackson.databind.node.ObjectNode;

/** The two kinds of binary preview frames. */
public final class PreviewFrames {

    private static final int LONGEST_SIDE = 512;

    private PreviewFrames() {}

    /** Type 1: format and JPEG bytes, nothing that says whose picture it is. */
    public static byte[] plain(BufferedImage image) {
        byte[] jpeg = jpeg(image);
        return ByteBuffer.allocate(8 + jpeg.length)
                .putInt(1)
                .putInt(1)
                .put(jpeg)
                .array();
    }

    /** Type 4: a JSON description before the JPEG bytes. */
    public static byte[] described(String promptId, String node, BufferedImage image) {
        byte[] jpeg = jpeg(image);
        ObjectNode metadata = Json.object()
                .put("node_id", node)
                .put("prompt_id", promptId)
                .put("display_node_id", node)
                .putNull("parent_node_id")
                .put("real_node_id", node)
                .put("image_type", "image/jpeg");
        byte[] json = Json.bytes(metadata);
        return ByteBuffer.allocate(8 + json.length + jpeg.length)
                .putInt(4)
                .putInt(json.length)
                .put(json)
                .put(jpeg)
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
