package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.GlbWriter;
import dev.comfygateway.simulator.media.LargeFiles;
import dev.comfygateway.simulator.media.PngWriter;
import dev.comfygateway.simulator.media.SafetensorsWriter;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.NodeValue.Latent;
import dev.comfygateway.simulator.node.NodeValue.Mask;
import dev.comfygateway.simulator.node.NodeValue.Mesh;
import dev.comfygateway.simulator.node.OutputFiles.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The nodes whose results are told in other forms than a list of pictures. */
@Component
final class DocumentNodes {

    private final OutputFiles files;
    private final boolean old;

    DocumentNodes(OutputFiles files, SimulatorProperties properties) {
        this.files = files;
        this.old = properties.dialect().isOld();
    }

    Map<String, NodeRunner> runners() {
        return Map.of(
                "SaveLatent", this::latent,
                "SaveText", this::text,
                "ImageCompare", this::compare,
                "SaveImageAdvanced", this::advanced,
                "MaskPreview", this::mask,
                "ProbeMesh", DocumentNodes::mesh,
                "SaveGLB", this::glb,
                "ProbeLargeFile", this::large);
    }

    private NodeOutcome latent(NodeCall call) throws NodeFailure, IOException {
        Latent latent = call.link("samples", Latent.class);
        int[] shape = {latent.batch(), 4, latent.height() / 8, latent.width() / 8};
        float[] values = new float[shape[0] * shape[1] * shape[2] * shape[3]];
        if (latent.scene().strength() > 0) {
            Random random = new Random(latent.scene().seed());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian();
            }
        }
        ObjectNode header = Json.object();
        ObjectNode metadata = header.putObject("__metadata__");
        OutputFiles.texts(call).forEach(metadata::put);
        return NodeOutcome.shown(
                "latents",
                files.write(
                        files.output(call.text("filename_prefix"), 0, 0),
                        0,
                        "_.latent",
                        SafetensorsWriter.latent(header, shape, values)));
    }

    private NodeOutcome text(NodeCall call) throws NodeFailure, IOException {
        String text = call.text("text");
        ObjectNode ui = Json.object();
        ui.putArray("text").add(text);
        ui.putArray("files")
                .add(files.write(
                        files.output(call.text("filename_prefix"), 0, 0),
                        0,
                        "." + call.text("format"),
                        text.getBytes(StandardCharsets.UTF_8)));
        return new NodeOutcome(List.of(), ui);
    }

    private NodeOutcome compare(NodeCall call) throws NodeFailure, IOException {
        ObjectNode ui = Json.object();
        ui.putArray("a_images");
        ui.putArray("b_images");
        // Both sides have the same letters.
        String letters = OutputFiles.letters();
        for (String side : List.of("a", "b")) {
            if (call.links().containsKey("image_" + side)) {
                Target target = files.target("temp", "comfy.compare." + side + letters, 0, 0);
                ui.set(
                        side + "_images",
                        files.pictures(call, target, call.images("image_" + side), "_.png", PngWriter::write));
            }
        }
        return new NodeOutcome(List.of(), ui);
    }

    private NodeOutcome advanced(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        Target target = files.output(call.text("filename_prefix"), images.width(), images.height());
        boolean deep = call.literals().path("format.bit_depth").asString("").equals("16-bit");
        ObjectNode ui = Json.object();
        ui.set("images", files.pictures(call, target, images, ".png", deep ? PngWriter::writeDeep : PngWriter::write));
        return new NodeOutcome(List.of(), ui);
    }

    private NodeOutcome mask(NodeCall call) throws NodeFailure, IOException {
        Mask mask = call.link("mask", Mask.class);
        ObjectNode ui = Json.object();
        ui.set(
                "images",
                files.pictures(
                        call, files.temp("ComfyUI"), new Images(List.of(mask.grey())), "_.png", PngWriter::write));
        if (!old) {
            ui.putArray("animated").add(false);
        }
        return new NodeOutcome(List.of(), ui);
    }

    private static NodeOutcome mesh(NodeCall call) throws NodeFailure {
        return NodeOutcome.of(
                new Mesh(1 + (call.literal("seed").bigIntegerValue().longValue() >>> 1) % 100 / 100f));
    }

    private NodeOutcome glb(NodeCall call) throws NodeFailure, IOException {
        Mesh mesh = call.link("mesh", Mesh.class);
        ObjectNode extras = Json.object();
        OutputFiles.texts(call).forEach(extras::put);
        return NodeOutcome.shown(
                "3d",
                files.write(
                        files.output(call.text("filename_prefix"), 0, 0),
                        0,
                        "_.glb",
                        GlbWriter.triangle(mesh.height(), extras)));
    }

    /** The name is taken with an empty file first: the bytes need not fit into memory. */
    private NodeOutcome large(NodeCall call) throws NodeFailure, IOException {
        long size = call.literal("bytes").asLong();
        long seed = call.literal("seed").bigIntegerValue().longValue();
        String extension = call.text("extension");
        String prefix = call.literals().path("filename_prefix").asString("large/probe");
        Target target = files.output(prefix, 0, 0);
        ObjectNode file = files.write(target, 0, "_." + extension, new byte[0]);
        Path path = target.folder().resolve(file.get("filename").stringValue());
        switch (extension) {
            case "mp4" -> LargeFiles.mp4(path, size, seed);
            case "webm" -> LargeFiles.webm(path, size, seed);
            default -> LargeFiles.png(path, size, seed);
        }
        return NodeOutcome.shown(extension.equals("png") ? "images" : "videos", file);
    }
}
