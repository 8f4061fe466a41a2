package dev.comfygateway.observability;

/** Every metric of ours. Micrometer appends units and suffixes per registry; ids are never tags. */
public final class MetricNames {

    /** Jobs accepted. Tags: {@code pool}. */
    public static final String JOB_SUBMITTED = "comfy.job.submitted";
    /** Time from submission to outcome. Tags: {@code outcome}. */
    public static final String JOB_DURATION = "comfy.job.duration";
    /** Time from submission to the first grant. Tags: {@code pool}. */
    public static final String JOB_QUEUE_TIME = "comfy.job.queue.time";
    /** Jobs that failed for good and wait for an operator. */
    public static final String JOB_DEAD_LETTER = "comfy.job.dead.letter";
    /** Time to answer a claim, in buckets from 5 ms to 1 s. Tags: {@code outcome}. */
    public static final String CLAIM = "comfy.claim";
    /** Reports received. Tags: {@code type}, {@code outcome}. */
    public static final String REPORT = "comfy.report";
    /** Leases that ended without a word from the worker. */
    public static final String LEASE_LOST = "comfy.lease.lost";
    /** Age of the oldest unsent outbox row, in seconds. */
    public static final String OUTBOX_LAG = "comfy.outbox.lag";
    /** Publishing of one outbox row, until Kafka has it. Tags: {@code topic}. */
    public static final String OUTBOX_PUBLISH = "comfy.outbox.publish";
    /** Outbox rows not yet published. */
    public static final String OUTBOX_PENDING = "comfy.outbox.pending";
    /** Duration of attempts as the worker sees them. Tags: {@code outcome}. */
    public static final String ATTEMPT_DURATION = "comfy.attempt.duration";
    /** Duration of one step of an attempt at the worker. Tags: {@code step}. */
    public static final String ATTEMPT_STEP = "comfy.attempt.step";
    /** Slots of a worker. Tags: {@code state}. */
    public static final String WORKER_SLOTS = "comfy.worker.slots";
    /** Webhook attempts. Tags: {@code outcome}. */
    public static final String WEBHOOK_DELIVERY = "comfy.webhook.delivery";
    /** Webhook deliveries not yet ended. */
    public static final String WEBHOOK_PENDING = "comfy.webhook.pending";
    /** Bytes stored and verified. Tags: {@code direction}. */
    public static final String STORAGE_BYTES = "comfy.storage.bytes";
    /** Event streams open now. */
    public static final String STREAMS = "comfy.gateway.streams";
    /** Writes of the deletion cost of a worker's pod. Tags: {@code worker}, {@code outcome}. */
    public static final String DELETION_COST = "comfy.deletion.cost";
    /** Records of a type or form this version does not know. Tags: {@code topic}. */
    public static final String EVENT_UNKNOWN = "comfy.event.unknown";

    /** Always 1. Tags: {@code version}, {@code commit}. */
    public static final String BUILD_INFO = "comfy.build.info";

    private MetricNames() {}
}
