package dev.comfygateway.worker.backend.comfy;

import tools.jackson.databind.JsonNode;

/** What ComfyUI says to a prompt. */
public sealed interface PromptAnswer {

    /**
     * The prompt is queued.
     *
     * @param number its priority; the server counts from 0 after each start
     * @param nodeErrors outputs that were dropped; an empty object when all is well
     */
    record Accepted(String promptId, double number, JsonNode nodeErrors) implements PromptAnswer {}

    /** The prompt is not valid, or its body is too large. */
    record Refused(int status, JsonNode body) implements PromptAnswer {}
}
