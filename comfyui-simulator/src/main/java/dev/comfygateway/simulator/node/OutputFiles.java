package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.files.NumberedFiles;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.node.NodeValue.Images;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Where nodes put their files, how the files are called, and what is told about them. */
@Component
final class OutputFiles {

    private final Folders folders;
    private final NumberedFiles files;

    OutputFiles(Folders folders, NumberedFiles files) {
        this.folders = folders;
        this.files = files;
    }

    /**
     * A folder and the start of a name.
     *
     * @param type the root
     * @param subfolder the folder below it, as it is told
     * @param folder the folder itself
     * @param name what is before the number
     */
    record Target(String type, String subfolder, Path folder, String name) {}

    /** The place that a prefix names, below output. */
    Target output(String prefix, int width, int height) throws NodeFailure {
        return target("output", prefix, width, height);
    }

    /** A place below temp that no other node has. */
    Target temp(String start) throws NodeFailure {
        return target("temp", start + letters(), 0, 0);
    }

    static String letters() {
        StringBuilder letters = new StringBuilder("_temp_");
        for (int i = 0; i < 5; i++) {
            letters.append((char) ('a' + ThreadLocalRandom.current().nextInt(26)));
        }
        return letters.toString();
    }

    Target target(String type, String prefix, int width, int height) throws NodeFailure {
        Path root = Objects.requireNonNull(folders.root(type));
        FilePrefix parsed = FilePrefix.parse(prefix, width, height);
        Path folder = Folders.inside(root, parsed.subfolder());
        if (folder == null) {
            throw new NodeFailure("Exception", "**** ERROR: Saving image outside the output folder is not allowed.");
        }
        return new Target(type, parsed.subfolder(), folder, parsed.name());
    }

    /** Writes a file and returns what is told about it; {@code index} is its place in a batch. */
    ObjectNode write(Target target, int index, String ending, byte[] bytes) throws IOException {
        String name = target.name().replace("%batch_num%", Integer.toString(index));
        return Json.object()
                .put("filename", files.write(target.folder(), name, ending, bytes))
                .put("subfolder", target.subfolder())
                .put("type", target.type());
    }

    /** Writes each picture of a batch as a file, with what files carry, and returns what is told about them. */
    ArrayNode pictures(
            NodeCall call,
            Target target,
            Images images,
            String ending,
            BiFunction<BufferedImage, Map<String, String>, byte[]> format)
            throws IOException {
        Map<String, String> texts = texts(call);
        ArrayNode list = Json.array();
        for (BufferedImage image : images.images()) {
            list.add(write(target, list.size(), ending, format.apply(image, texts)));
        }
        return list;
    }

    /** Writes a file that shares another one's number. */
    ObjectNode writeBeside(Target target, String name, byte[] bytes) throws IOException {
        Files.write(target.folder().resolve(name), bytes);
        return Json.object()
                .put("filename", name)
                .put("subfolder", target.subfolder())
                .put("type", target.type());
    }

    /** What files carry about the prompt they come from. */
    static Map<String, String> texts(NodeCall call) {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("prompt", Json.text(call.graph()));
        call.extraData()
                .path("extra_pnginfo")
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), Json.text(entry.getValue())));
        return texts;
    }
}
