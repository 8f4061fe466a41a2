package dev.comfygateway.worker.execution;

import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * A prompt that ComfyUI says it has finished well.
 *
 * @param promptId its id
 * @param outputs what its nodes have made, as in the history entry
 * @param cachedNodes nodes that did not run because their result was known
 * @param executionTimeMs from ComfyUI's start of the prompt to its end
 */
record PromptResult(String promptId, JsonNode outputs, Set<String> cachedNodes, long executionTimeMs) {

    PromptResult {
        cachedNodes = Set.copyOf(cachedNodes);
    }
}
