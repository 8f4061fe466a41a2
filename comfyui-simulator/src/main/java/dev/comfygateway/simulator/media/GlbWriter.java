package dev.comfygateway.simulator.media;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes a triangle as binary glTF 2.0. */
public final class GlbWriter {

    private static final int FLOAT = 5126;
    private static final int UNSIGNED_INT = 5125;

    private GlbWriter() {}

    /** One triangle with a tip at that height. */
    public static byte[] triangle(float height, JsonNode extras) {
        float[][] corners = {{0, 0, 0}, {1, 0, 0}, {0.5f, height, 0}};
        ByteSink binary = new ByteSink();
        for (float[] corner : corners) {
            for (float value : corner) {
                binary.little(Float.floatToIntBits(value), 4);
            }
        }
        int indicesAt = binary.toBytes().length;
        for (int i = 0; i < corners.length; i++) {
            binary.little(i, 4);
        }
        byte[] data = binary.toBytes();
        byte[] json = new ByteSink()
                .bytes(json(indicesAt, data.length, height, extras).toString().getBytes(StandardCharsets.UTF_8))
                .align(4, ' ')
                .toBytes();
        return new ByteSink()
                .text("glTF")
                .little(2, 4)
                .little(12L + 8 + json.length + 8 + data.length, 4)
                .little(json.length, 4)
                .text("JSON")
                .bytes(json)
                .little(data.length, 4)
                .text("BIN\0")
                .bytes(data)
                .toBytes();
    }

    private static ObjectNode json(int indicesAt, int size, float height, JsonNode extras) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        ObjectNode asset = root.putObject("asset").put("version", "2.0").put("generator", "comfyui-simulator");
        asset.set("extras", extras);
        root.putArray("buffers").addObject().put("byteLength", size);
        var views = root.putArray("bufferViews");
        views.addObject()
                .put("buffer", 0)
                .put("byteOffset", 0)
                .put("byteLength", indicesAt)
                .put("target", 34962);
        views.addObject()
                .put("buffer", 0)
                .put("byteOffset", indicesAt)
                .put("byteLength", size - indicesAt)
                .put("target", 34963);
        var accessors = root.putArray("accessors");
        ObjectNode positions = accessors
                .addObject()
                .put("bufferView", 0)
                .put("componentType", FLOAT)
                .put("count", 3)
                .put("type", "VEC3");
        positions.putArray("min").add(0f).add(Math.min(0, height)).add(0f);
        positions.putArray("max").add(1f).add(Math.max(0, height)).add(0f);
        accessors
                .addObject()
                .put("bufferView", 1)
                .put("componentType", UNSIGNED_INT)
                .put("count", 3)
                .put("type", "SCALAR");
        ObjectNode primitive =
                root.putArray("meshes").addObject().putArray("primitives").addObject();
        primitive.putObject("attributes").put("POSITION", 0);
        primitive.put("indices", 1).put("mode", 4);
        root.putArray("nodes").addObject().put("mesh", 0);
        root.putArray("scenes").addObject().putArray("nodes").add(0);
        return root.put("scene", 0);
    }
}
