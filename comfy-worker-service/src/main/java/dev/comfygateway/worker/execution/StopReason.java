package dev.comfygateway.worker.execution;

/** Why an attempt is stopped from outside. */
public enum StopReason {
    /** The worker is going away, or busy for longer than expected, and gives the attempt back. */
    EVICTED,
    /** The job is being canceled. */
    CANCELED,
    /** The lease is gone: whatever the attempt says now is refused, so it says nothing. */
    FENCED
}
