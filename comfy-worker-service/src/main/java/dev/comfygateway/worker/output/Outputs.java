package dev.comfygateway.worker.output;

import dev.comfygateway.worker.backend.comfy.OutputFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What a history entry says about the outputs of its nodes.
 *
 * @param files files on the server
 * @param named those of them that a node has only named in a text, which may be the user's own
 * @param texts texts that are in no file
 */
public record Outputs(List<OutputFile> files, Set<OutputFile> named, List<TextOutput> texts) {

    /** Extensions of models that viewers name as plain text, because they show them from the output folder. */
    private static final Set<String> MODELS =
            Set.of("glb", "gltf", "obj", "fbx", "stl", "ply", "splat", "spz", "ksplat", "usdz");

    private static final Pattern ANNOTATED = Pattern.compile("(.*?)(?: \\[(output|temp|input)])?", Pattern.DOTALL);

    public Outputs {
        files = List.copyOf(files);
        named = Set.copyOf(named);
        texts = List.copyOf(texts);
    }

    /**
     * A text that a node shows.
     *
     * @param nodeId the node
     * @param text never empty
     */
    public record TextOutput(String nodeId, String text) {}

    /**
     * Every result; previews ({@code temp}) only when no file is a result. Whatever key a list stands under, an object
     * with {@code filename} is a file: custom nodes choose their own keys. Strings below {@code text} are texts, unless
     * their node has written them into a file as well.
     *
     * @param outputs by node, as in a history entry
     * @param meta by node, as in a history entry: nodes that another one has expanded into count as that one
     */
    public static Outputs find(JsonNode outputs, JsonNode meta) {
        Set<OutputFile> results = new LinkedHashSet<>();
        Set<OutputFile> previews = new LinkedHashSet<>();
        Set<OutputFile> named = new LinkedHashSet<>();
        List<TextOutput> texts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> node : outputs.properties()) {
            String nodeId = meta.path(node.getKey()).path("display_node").asString(node.getKey());
            int before = results.size();
            List<TextOutput> said = new ArrayList<>();
            for (Map.Entry<String, JsonNode> list : node.getValue().properties()) {
                for (JsonNode item : items(list.getValue())) {
                    if (item.isString()) {
                        String text = item.stringValue();
                        if (list.getKey().equals("text") && !text.isEmpty()) {
                            said.add(new TextOutput(nodeId, text));
                        } else if (list.getKey().equals("result")) {
                            OutputFile model = model(nodeId, text);
                            if (!results.contains(model)) {
                                named.add(model);
                            }
                            add(model, results, previews);
                        }
                    } else {
                        add(file(nodeId, item), results, previews);
                    }
                }
            }
            if (results.size() == before) {
                texts.addAll(said);
            }
        }
        List<OutputFile> files = new ArrayList<>(results.isEmpty() ? previews : results);
        named.retainAll(files);
        return new Outputs(files, named, texts);
    }

    /** Without the files that are only named and of which the test does not hold. */
    public Outputs trusting(Predicate<OutputFile> test) {
        List<OutputFile> kept = files.stream()
                .filter(file -> !named.contains(file) || test.test(file))
                .toList();
        Set<OutputFile> names = new LinkedHashSet<>(named);
        names.retainAll(kept);
        return new Outputs(kept, names, texts);
    }

    public boolean isEmpty() {
        return files.isEmpty() && texts.isEmpty();
    }

    /** The nodes that have an output here. */
    public Set<String> nodes() {
        Set<String> nodes = new LinkedHashSet<>();
        files.forEach(file -> nodes.add(file.nodeId()));
        texts.forEach(text -> nodes.add(text.nodeId()));
        return nodes;
    }

    private static List<JsonNode> items(JsonNode value) {
        List<JsonNode> items = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(items::add);
        } else if (value.isObject()) {
            items.add(value);
        }
        return items;
    }

    private static void add(OutputFile file, Set<OutputFile> results, Set<OutputFile> previews) {
        if (!file.filename().isEmpty()) {
            switch (file.type()) {
                case "output" -> results.add(file);
                case "temp" -> previews.add(file);
                default -> {
                    // inputs that a node shows again
                }
            }
        }
    }

    private static OutputFile file(String nodeId, JsonNode item) {
        return new OutputFile(
                nodeId,
                item.path("filename").asString(""),
                item.path("subfolder").asString(""),
                item.path("type").asString(""));
    }

    private static OutputFile model(String nodeId, String text) {
        Matcher matcher = ANNOTATED.matcher(text);
        String path = matcher.matches() ? matcher.group(1).replace('\\', '/') : "";
        int slash = path.lastIndexOf('/');
        String name = path.substring(slash + 1);
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (!MODELS.contains(extension)) {
            return new OutputFile(nodeId, "", "", "");
        }
        String type = matcher.group(2) == null ? "output" : matcher.group(2);
        return new OutputFile(nodeId, name, slash < 0 ? "" : path.substring(0, slash), type);
    }
}
