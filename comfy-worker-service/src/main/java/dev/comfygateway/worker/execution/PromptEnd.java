package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.RecycleReason;
import dev.comfygateway.worker.output.Outputs;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads what became of a prompt. */
final class PromptEnd {

    private final String promptId;
    private final Backend backend;
    private final HeardOutputs heard;

    PromptEnd(String promptId, Backend backend, HeardOutputs heard) {
        this.promptId = promptId;
        this.backend = backend;
        this.heard = heard;
    }

    /**
     * Out of its history entry.
     *
     * @param errorSeen the error the socket told, or null
     * @param tookMs how long it took as seen from here, for entries that do not say
     * @throws AttemptFailedException when the prompt did not end well
     */
    PromptResult read(
            JsonNode entry, @Nullable JsonNode errorSeen, long tookMs, boolean heardAll, boolean manyServers) {
        JsonNode status = entry.path("status");
        long startedAt = 0;
        long endedAt = 0;
        Set<String> cached = new HashSet<>();
        for (JsonNode message : status.path("messages")) {
            JsonNode data = message.path(1);
            long at = data.path("timestamp").asLong(0);
            switch (message.path(0).asString("")) {
                case "execution_start" -> startedAt = at;
                case "execution_success" -> endedAt = at;
                case "execution_cached" -> data.path("nodes").forEach(node -> cached.add(node.asString("")));
                // Some servers leave the success flag of an earlier run beside these: the message wins.
                case "execution_error" -> throw failed(data);
                case "execution_interrupted" -> throw PromptFailures.interrupted();
                default -> {
                    // later versions may say more
                }
            }
        }
        if (status.path("status_str").asString("").equals("error")) {
            throw errorSeen == null
                    ? new AttemptFailedException(
                            ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, "ComfyUI reports an error")
                    : failed(errorSeen);
        }
        Outputs outputs = Outputs.find(entry.path("outputs"), entry.path("meta"));
        Set<String> shown = shown(entry.path("outputs"), entry.path("meta"));
        long took = startedAt > 0 && endedAt >= startedAt ? endedAt - startedAt : tookMs;
        return new PromptResult(promptId, outputs, heard.takePictures(shown), cached, took, heardAll, manyServers);
    }

    /** Out of what the socket said, when the history that answers is another server's. */
    PromptResult heard(Set<String> cached, long tookMs) {
        Outputs outputs = Outputs.find(heard.executed(), heard.meta());
        Set<String> shown = shown(heard.executed(), heard.meta());
        return new PromptResult(promptId, outputs, heard.takePictures(shown), cached, tookMs, true, true);
    }

    /** Nodes that show something by other means than pictures over the socket. */
    private static Set<String> shown(JsonNode outputs, JsonNode meta) {
        Set<String> nodes = new HashSet<>();
        for (String id : outputs.propertyNames()) {
            nodes.add(meta.path(id).path("display_node").asString(id));
        }
        return nodes;
    }

    /** The failure that an error message tells. Memory is given back first when it ran out. */
    AttemptFailedException failed(JsonNode data) {
        if (!data.has("exception_type")) {
            return PromptFailures.interrupted();
        }
        var failure = FailureMapper.executionError(data);
        if (failure.code() == ErrorCode.COMFYUI_OOM) {
            backend.ranOutOfMemory();
        } else if (failure.category() == FailureCategory.BACKEND_LOST) {
            backend.recycle(RecycleReason.DEVICE_ERROR);
        }
        return new AttemptFailedException(failure);
    }
}
