package dev.comfygateway.worker.backend.comfy;

import tools.jackson.databind.JsonNode;

/** What ComfyUI says to a prompt. */
public sealed interface PromptAnswer {

    /**
     * The prompt is queued.
     *
     * @param nodeErrors outputs that were dropped; an empty object when all is well
     */
    record Accepted(String promptId, JsonNode nodeErrors) implements PromptAnswer {}

    /** The prompt is not valid, or its body is too large. */
    record Refused(int status, JsonNode body) implements PromptAnswer {}
}
