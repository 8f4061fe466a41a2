package dev.comfygateway.contract.problem;

/** Coarse class of a failure. Only job-service decides what follows from it. */
public enum FailureCategory {
    /** The workflow or its inputs are wrong; no attempt anywhere can succeed. */
    VALIDATION,
    /** A node raised an error. */
    NODE_ERROR,
    OUT_OF_MEMORY,
    /** ComfyUI went away, restarted, or forgot the prompt. */
    BACKEND_LOST,
    /** The worker's lease ended. */
    WORKER_LOST,
    /** The worker gave the attempt back on purpose; not counted. */
    EVICTED,
    STORAGE,
    TIMEOUT,
    CANCELED,
    INTERNAL
}
