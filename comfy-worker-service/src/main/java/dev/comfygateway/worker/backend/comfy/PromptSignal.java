package dev.comfygateway.worker.backend.comfy;

import tools.jackson.databind.JsonNode;

/** What a socket says about one prompt. */
public sealed interface PromptSignal {

    /** A message of ComfyUI about the prompt. */
    record Message(String type, JsonNode data) implements PromptSignal {}

    /** The socket is gone; nothing more will be heard about prompts that were sent under its client id. */
    record SocketLost() implements PromptSignal {}
}
