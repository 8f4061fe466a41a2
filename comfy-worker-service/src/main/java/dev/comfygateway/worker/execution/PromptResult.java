package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.output.Outputs;
import java.util.List;
import java.util.Set;

/**
 * A prompt that ComfyUI says it has finished well.
 *
 * @param promptId its id
 * @param outputs what its nodes have made
 * @param pictures what nodes without an entry of their own have sent over the socket, in order; to be closed
 * @param cachedNodes nodes that did not run because their result was known
 * @param executionTimeMs from ComfyUI's start of the prompt to its end
 * @param heardAll whether the socket was there all the time
 * @param manyServers whether its address leads to more than one server
 */
record PromptResult(
        String promptId,
        Outputs outputs,
        List<PromptSignal.Picture> pictures,
        Set<String> cachedNodes,
        long executionTimeMs,
        boolean heardAll,
        boolean manyServers) {

    PromptResult {
        pictures = List.copyOf(pictures);
        cachedNodes = Set.copyOf(cachedNodes);
    }
}
