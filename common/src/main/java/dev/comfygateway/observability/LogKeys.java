package dev.comfygateway.observability;

/** Keys of structured log lines. */
public final class LogKeys {

    public static final String JOB_ID = "job.id";
    public static final String ATTEMPT_NUMBER = "attempt.number";
    public static final String BACKEND_ID = "backend.id";
    public static final String PROMPT_ID = "prompt.id";
    public static final String TENANT_ID = "tenant.id";
    public static final String EVENT_TYPE = "event.type";
    public static final String WORKER_ID = "worker.id";

    private LogKeys() {}
}
