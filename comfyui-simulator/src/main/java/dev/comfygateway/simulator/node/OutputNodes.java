package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.files.NumberedFiles;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.PngWriter;
import dev.comfygateway.simulator.node.NodeValue.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The nodes that write files. */
@Component
final class OutputNodes {

    private final Folders folders;
    private final NumberedFiles files;

    OutputNodes(Folders folders, NumberedFiles files) {
        this.folders = folders;
        this.files = files;
    }

    Map<String, NodeRunner> runners() {
        return Map.of("SaveImage", this::save, "PreviewImage", this::preview);
    }

    private NodeOutcome save(NodeCall call) throws NodeFailure, IOException {
        return write(call, "output", call.text("filename_prefix"));
    }

    private NodeOutcome preview(NodeCall call) throws NodeFailure, IOException {
        StringBuilder letters = new StringBuilder("ComfyUI_temp_");
        for (int i = 0; i < 5; i++) {
            letters.append((char) ('a' + ThreadLocalRandom.current().nextInt(26)));
        }
        return write(call, "temp", letters.toString());
    }

    private NodeOutcome write(NodeCall call, String type, String prefix) throws NodeFailure, IOException {
        Images images = call.images("images");
        Path root = Objects.requireNonNull(folders.root(type));
        FilePrefix parsed = FilePrefix.parse(prefix, images.width(), images.height());
        Path folder = Folders.inside(root, parsed.subfolder());
        if (folder == null) {
            throw new NodeFailure("Exception", "**** ERROR: Saving image outside the output folder is not allowed.");
        }
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", Json.text(call.graph()));
        call.extraData()
                .path("extra_pnginfo")
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), Json.text(entry.getValue())));
        ObjectNode ui = Json.object();
        ArrayNode list = ui.putArray("images");
        int index = 0;
        for (BufferedImage image : images.images()) {
            String name = parsed.name().replace("%batch_num%", Integer.toString(index++));
            String written = files.write(folder, name, PngWriter.write(image, texts));
            list.addObject()
                    .put("filename", written)
                    .put("subfolder", parsed.subfolder())
                    .put("type", type);
        }
        return new NodeOutcome(List.of(images), ui);
    }
}
