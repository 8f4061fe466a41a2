package dev.comfygateway.simulator.graph;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Decides which parts of a submitted graph can run, with the errors ComfyUI gives for the others. */
@Component
public class PromptValidator {

    private final Dialect dialect;
    private final NodeDefinitions definitions;
    private final Folders folders;

    PromptValidator(SimulatorProperties properties, NodeDefinitions definitions, Folders folders) {
        this.dialect = properties.dialect();
        this.definitions = definitions;
        this.folders = folders;
    }

    /**
     * Checks a graph; literal inputs are converted in place, as the server stores them.
     *
     * @param graph the graph in API format
     * @param targets the only output nodes to look at, or null for all
     */
    public ValidatedPrompt validate(ObjectNode graph, @Nullable Set<String> targets) {
        List<String> outputs = new ArrayList<>();
        for (var entry : graph.properties()) {
            JsonNode node = entry.getValue();
            if (!node.isObject()) {
                throw new IllegalArgumentException("a node must be an object");
            }
            if (!node.has("class_type")
                    || !definitions.has(node.get("class_type").asString(""))) {
                return ValidatedPrompt.rejected(
                        dialect.isOld() ? unknownType(entry.getKey(), node) : missingType(entry.getKey(), node));
            }
            if (definitions.isOutput(node.get("class_type").stringValue())
                    && (targets == null || targets.contains(entry.getKey()))) {
                outputs.add(entry.getKey());
            }
        }
        if (outputs.isEmpty()) {
            return ValidatedPrompt.rejected(ErrorBodies.error("prompt_no_outputs", "Prompt has no outputs", ""));
        }
        return check(graph, outputs);
    }

    private ValidatedPrompt check(ObjectNode graph, List<String> outputs) {
        InputValidation validation = new InputValidation(dialect, graph, definitions, folders);
        List<String> good = new ArrayList<>();
        List<String> details = new ArrayList<>();
        ObjectNode nodeErrors = Json.object();
        for (String output : outputs) {
            InputValidation.Outcome outcome = validation.validateOutput(output);
            if (outcome.valid()) {
                good.add(output);
                continue;
            }
            outcome.errors()
                    .forEach(error -> details.add(error.get("message").stringValue() + ": "
                            + error.get("details").stringValue()));
            validation.outcomes().forEach((id, result) -> {
                if (!result.valid() && !result.errors().isEmpty()) {
                    nodeError(nodeErrors, graph, id, result)
                            .withArray("dependent_outputs")
                            .add(output);
                }
            });
        }
        if (!good.isEmpty()) {
            return new ValidatedPrompt(null, nodeErrors, List.copyOf(good));
        }
        ObjectNode error = ErrorBodies.error(
                "prompt_outputs_failed_validation", "Prompt outputs failed validation", String.join("\n", details));
        return new ValidatedPrompt(error, nodeErrors, List.of());
    }

    private static ObjectNode nodeError(
            ObjectNode nodeErrors, ObjectNode graph, String id, InputValidation.Outcome result) {
        if (nodeErrors.get(id) instanceof ObjectNode known) {
            return known;
        }
        ObjectNode nodeError = nodeErrors.putObject(id);
        nodeError.set("errors", result.errors());
        nodeError.putArray("dependent_outputs");
        nodeError.set("class_type", graph.get(id).get("class_type"));
        return nodeError;
    }

    private static ObjectNode unknownType(String id, JsonNode node) {
        JsonNode type = node.path("class_type");
        String message = type.isMissingNode()
                ? "Cannot execute because a node is missing the class_type property."
                : "Cannot execute because node " + type.asString() + " does not exist.";
        return ErrorBodies.error("invalid_prompt", message, "Node ID '#" + id + "'");
    }

    private static ObjectNode missingType(String id, JsonNode node) {
        JsonNode type = node.path("class_type");
        String fallback = type.isString() ? type.stringValue() : "ID #" + id;
        String title = node.path("_meta").path("title").asString(fallback);
        ObjectNode info = Json.object().put("node_id", id);
        info.put("class_type", type.isString() ? type.stringValue() : null);
        info.put("node_title", title);
        String message = type.isMissingNode()
                ? "Node '" + title + "' has no class_type. The workflow may be corrupted or a custom node is missing."
                : "Node '" + title + "' not found. The custom node may not be installed.";
        return ErrorBodies.error("missing_node_type", message, "Node ID '#" + id + "'", info);
    }
}
