package dev.comfygateway.worker.execution;

/** Ends the work on an attempt that was stopped from outside. */
public final class AttemptStoppedException extends RuntimeException {

    private final StopReason reason;

    AttemptStoppedException(StopReason reason) {
        super("stopped: " + reason);
        this.reason = reason;
    }

    public StopReason reason() {
        return reason;
    }
}
