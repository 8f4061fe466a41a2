package dev.comfygateway.simulator.graph;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What validation says about a graph.
 *
 * @param error why nothing of it can run, or null
 * @param nodeErrors the errors of single nodes; there may be some although the rest can run
 * @param outputs the output nodes that can run
 */
public record ValidatedPrompt(@Nullable ObjectNode error, ObjectNode nodeErrors, List<String> outputs) {

    static ValidatedPrompt rejected(ObjectNode error) {
        return new ValidatedPrompt(error, Json.object(), List.of());
    }
}
