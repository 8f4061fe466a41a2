package dev.comfygateway.contract.problem;

/**
 * Every error a client can see, with a code that never changes.
 *
 * <p>The same vocabulary serves HTTP problems and failed attempts. {@code retryable} says whether the same request may
 * succeed later without being changed.
 */
public enum ErrorCode {
    AUTH_FAILED(401, "Authentication failed", false),
    FORBIDDEN(403, "Not allowed", false),
    NOT_FOUND(404, "No such resource", false),
    METHOD_NOT_ALLOWED(405, "Method not allowed", false),
    NOT_ACCEPTABLE(406, "No acceptable representation", false),
    UNSUPPORTED_MEDIA_TYPE(415, "Unsupported media type", false),
    VALIDATION_ERROR(400, "The request is not valid", false),
    MALFORMED_REQUEST(400, "The request could not be read", false),
    PAYLOAD_TOO_LARGE(413, "The request body is too large", false),
    UPLOAD_TOO_LARGE(413, "The uploaded file is too large", false),
    RATE_LIMITED(429, "Too many requests", true),
    QUOTA_EXCEEDED(429, "Quota exceeded", true),
    QUEUE_FULL(429, "The queue is full", true),
    IDEMPOTENCY_KEY_REUSED(422, "Idempotency key used with another body", false),
    JOB_NOT_FOUND(404, "No such job", false),
    JOB_NOT_CANCELABLE(409, "The job has already ended", false),
    JOB_NOT_WAITING(409, "The job does not wait any more", false),
    JOB_EXPIRED(504, "The job was not done by its deadline", true),
    POOL_NOT_FOUND(404, "No such pool", false),
    WORKER_NOT_FOUND(404, "No such worker", false),
    DEAD_LETTER_NOT_FOUND(404, "No such dead letter", false),
    WORKFLOW_NOT_FOUND(404, "No such workflow", false),
    ASSET_NOT_FOUND(404, "No such asset", false),
    CALLBACK_NOT_ALLOWED(400, "Callback address not allowed", false),
    INVALID_WORKFLOW(400, "ComfyUI refused the workflow", false),
    NODE_NOT_AVAILABLE(400, "A node class is not installed", false),
    MODEL_NOT_AVAILABLE(400, "A model file is not installed", false),
    COMFYUI_UNREACHABLE(503, "ComfyUI is not reachable", true),
    COMFYUI_TIMEOUT(504, "ComfyUI did not finish in time", true),
    COMFYUI_START_TIMEOUT(504, "ComfyUI did not start the prompt in time", true),
    COMFYUI_NO_PROGRESS(504, "ComfyUI stopped making progress", true),
    COMFYUI_OOM(500, "ComfyUI ran out of memory", false),
    COMFYUI_NODE_ERROR(500, "A node failed", false),
    COMFYUI_PROTOCOL_ERROR(502, "ComfyUI answered something unexpected", true),
    PROMPT_LOST(500, "ComfyUI lost the prompt", true),
    OUTPUT_EMPTY(500, "An output is empty", false),
    OUTPUT_INVALID(500, "An output is not what it says it is", false),
    OUTPUT_MISSING(500, "An output could not be fetched", true),
    WORKER_LOST(500, "The worker was lost", true),
    ATTEMPT_EVICTED(500, "The worker gave the attempt back", true),
    QUARANTINED(500, "The job ended too many workers", false),
    STORAGE_S3_PUT_ERROR(502, "Storage refused the bytes", true),
    STORAGE_READ_ERROR(502, "Storage could not be read", true),
    STORAGE_UNAVAILABLE(503, "Storage is not available", true),
    WEBHOOK_DELIVERY_FAILED(502, "The webhook could not be delivered", true),
    SERVICE_UNAVAILABLE(503, "A part of the service is not available", true),
    INTERNAL_ERROR(500, "Internal error", true);

    private final int status;
    private final String title;
    private final boolean retryable;

    ErrorCode(int status, String title, boolean retryable) {
        this.status = status;
        this.title = title;
        this.retryable = retryable;
    }

    /** HTTP status of an answer with this code. */
    public int status() {
        return status;
    }

    /** Constant, human-readable summary. */
    public String title() {
        return title;
    }

    public boolean retryable() {
        return retryable;
    }
}
