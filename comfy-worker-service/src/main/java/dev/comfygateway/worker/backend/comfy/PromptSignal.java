package dev.comfygateway.worker.backend.comfy;

import dev.comfygateway.worker.output.SpooledFile;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a socket says about one prompt. */
public sealed interface PromptSignal {

    /** A message of ComfyUI about the prompt. */
    record Message(String type, JsonNode data) implements PromptSignal {}

    /**
     * A picture that a node sent: a preview, or a result that goes nowhere else. Who receives it closes the file.
     *
     * @param nodeId the node of the submitted graph, or null when the server did not say and none was running
     * @param mediaType as the frame says
     */
    record Picture(@Nullable String nodeId, String mediaType, SpooledFile file) implements PromptSignal, AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

    /** A line of text that a node shows while it runs. */
    record Text(String nodeId, String text) implements PromptSignal {}

    /** The socket is gone; nothing more will be heard about prompts that were sent under its client id. */
    record SocketLost() implements PromptSignal {}
}
