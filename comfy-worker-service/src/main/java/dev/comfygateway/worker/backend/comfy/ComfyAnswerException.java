package dev.comfygateway.worker.backend.comfy;

/** ComfyUI answered, but not as its protocol says. */
public final class ComfyAnswerException extends RuntimeException {

    private final int status;

    public ComfyAnswerException(String call, int status) {
        super(call + " answered " + status);
        this.status = status;
    }

    public int status() {
        return status;
    }
}
