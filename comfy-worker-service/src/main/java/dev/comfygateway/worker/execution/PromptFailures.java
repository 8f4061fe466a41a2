package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;

/** The ways in which a prompt ends without ComfyUI saying why. */
final class PromptFailures {

    static final String MANY_SERVERS =
            "; its address seems to lead to several ComfyUI servers, and each needs an address of its own";

    private PromptFailures() {}

    static AttemptFailedException unreachable() {
        return new AttemptFailedException(
                ErrorCode.COMFYUI_UNREACHABLE, FailureCategory.BACKEND_LOST, "ComfyUI is not reachable");
    }

    /** Nobody but us should, but whoever reaches the port of a ComfyUI can stop what it runs. */
    static AttemptFailedException interrupted() {
        return new AttemptFailedException(
                ErrorCode.PROMPT_LOST,
                FailureCategory.BACKEND_LOST,
                "The prompt was interrupted on the ComfyUI server");
    }

    static AttemptFailedException lost(boolean restarted, boolean manyServers) {
        String why = restarted ? "ComfyUI was restarted and lost the prompt" : "ComfyUI no longer knows the prompt";
        return new AttemptFailedException(
                ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, manyServers ? why + MANY_SERVERS : why);
    }

    static AttemptFailedException stuck() {
        return new AttemptFailedException(
                ErrorCode.COMFYUI_TIMEOUT,
                FailureCategory.BACKEND_LOST,
                "ComfyUI takes prompts and does not run them; it needs a restart");
    }

    static AttemptFailedException protocol(String message) {
        return new AttemptFailedException(ErrorCode.COMFYUI_PROTOCOL_ERROR, FailureCategory.BACKEND_LOST, message);
    }
}
