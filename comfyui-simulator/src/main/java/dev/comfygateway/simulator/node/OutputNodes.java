package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.PngWriter;
import dev.comfygateway.simulator.node.NodeValue.Images;
import dev.comfygateway.simulator.node.OutputFiles.Target;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The nodes that write pictures. */
@Component
final class OutputNodes {

    private static final int REMEMBERED = 1000;

    private final OutputFiles files;

    /** A node keeps its random name from prompt to prompt, and counts on. Used by the worker thread only. */
    private final Map<String, String> temporaryNames = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED;
        }
    };

    OutputNodes(OutputFiles files) {
        this.files = files;
    }

    Map<String, NodeRunner> runners() {
        return Map.of("SaveImage", this::save, "PreviewImage", this::preview);
    }

    private NodeOutcome save(NodeCall call) throws NodeFailure, IOException {
        Images images = call.images("images");
        return write(call, files.output(call.text("filename_prefix"), images.width(), images.height()), images);
    }

    private NodeOutcome preview(NodeCall call) throws NodeFailure, IOException {
        String name = temporaryNames.computeIfAbsent(call.id(), id -> "ComfyUI" + OutputFiles.letters());
        return write(call, files.target("temp", name, 0, 0), call.images("images"));
    }

    private NodeOutcome write(NodeCall call, Target target, Images images) throws IOException {
        ObjectNode ui = Json.object();
        ui.set("images", files.pictures(call, target, images, "_.png", PngWriter::write));
        return new NodeOutcome(List.of(images), ui);
    }
}
