package dev.comfygateway.simulator.media;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** Writes a latent as {@code SaveLatent} does: a header of JSON, then numbers. */
public final class SafetensorsWriter {

    private SafetensorsWriter() {}

    /**
     * One tensor of floats, and the empty one that says which version the format has.
     *
     * @param header an empty object that becomes the header; it may hold {@code __metadata__}
     * @param shape the tensor's dimensions
     * @param values as many numbers as the dimensions say
     */
    public static byte[] latent(ObjectNode header, int[] shape, float[] values) {
        int size = 4 * values.length;
        ObjectNode tensor = header.putObject("latent_tensor").put("dtype", "F32");
        var dimensions = tensor.putArray("shape");
        for (int dimension : shape) {
            dimensions.add(dimension);
        }
        tensor.putArray("data_offsets").add(0).add(size);
        ObjectNode version = header.putObject("latent_format_version_0").put("dtype", "F32");
        version.putArray("shape").add(0);
        version.putArray("data_offsets").add(size).add(size);
        byte[] json = new ByteSink()
                .bytes(header.toString().getBytes(StandardCharsets.UTF_8))
                .align(8, ' ')
                .toBytes();
        ByteSink out = new ByteSink().little(json.length, 8).bytes(json);
        for (float value : values) {
            out.little(Float.floatToIntBits(value), 4);
        }
        return out.toBytes();
    }
}
