package dev.comfygateway.simulator.graph;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The node classes as {@code GET /object_info} describes them. The old dialect has those of them that the old release
 * had, described as it did.
 */
@Component
public class NodeDefinitions {

    private final ObjectNode definitions;
    private final ArrayNode checkpoints;
    private final Folders folders;

    NodeDefinitions(SimulatorProperties properties, Folders folders) {
        this.folders = folders;
        this.checkpoints =
                Json.strings(properties.checkpoints().stream().sorted().toList());
        definitions = read("/node-definitions.json");
        definitions.setAll(read("/node-definitions-media.json"));
        if (properties.dialect().isOld()) {
            ObjectNode old = read("/node-definitions-old.json");
            for (String name : names()) {
                JsonNode definition = old.get(name);
                if (definition == null) {
                    definitions.remove(name);
                } else {
                    definitions.set(name, definition);
                }
            }
        }
        setChoices("CheckpointLoaderSimple", "ckpt_name", checkpoints);
    }

    private static ObjectNode read(String resource) {
        try (InputStream in = Objects.requireNonNull(NodeDefinitions.class.getResourceAsStream(resource))) {
            return (ObjectNode) Json.parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether there is such a class. */
    public boolean has(String nodeClass) {
        return definitions.has(nodeClass);
    }

    /** Whether the class ends a graph. */
    public boolean isOutput(String nodeClass) {
        return definitions.path(nodeClass).path("output_node").asBoolean(false);
    }

    /** The classes' names. */
    public List<String> names() {
        return List.copyOf(definitions.propertyNames());
    }

    /** How many output slots the class has. */
    public int outputs(String nodeClass) {
        return definitions.path(nodeClass).path("output").size();
    }

    /** The type of an output slot, or null when the class has no such slot. */
    @Nullable
    String outputType(String nodeClass, int slot) {
        JsonNode outputs = definitions.path(nodeClass).path("output");
        // Python counts negative indexes from the end.
        int index = slot < 0 ? outputs.size() + slot : slot;
        return index >= 0 && index < outputs.size() ? outputs.get(index).asString() : null;
    }

    /** The declared inputs, required ones first. */
    List<InputSpec> inputs(String nodeClass) {
        List<InputSpec> specs = new ArrayList<>();
        JsonNode input = definitions.path(nodeClass).path("input");
        for (String group : List.of("required", "optional")) {
            input.path(group)
                    .properties()
                    .forEach(entry -> specs.add(
                            new InputSpec(entry.getKey(), group.equals("required"), (ArrayNode) entry.getValue())));
        }
        return specs;
    }

    /** The checkpoints it claims to have, sorted. */
    public ArrayNode checkpoints() {
        return checkpoints.deepCopy();
    }

    /** The description of one class, or null; the list of input files is read anew. */
    public @Nullable ObjectNode describe(String nodeClass) {
        if (!(definitions.get(nodeClass) instanceof ObjectNode definition)) {
            return null;
        }
        if (!nodeClass.equals("LoadImage")) {
            return definition;
        }
        ObjectNode copy = definition.deepCopy();
        ((ArrayNode) copy.at("/input/required/image")).set(0, Json.strings(folders.inputFiles()));
        return copy;
    }

    private void setChoices(String nodeClass, String input, ArrayNode choices) {
        ((ArrayNode) definitions.path(nodeClass).path("input").path("required").get(input)).set(0, choices);
    }
}
