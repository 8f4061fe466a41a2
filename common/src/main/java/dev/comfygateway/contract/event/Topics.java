package dev.comfygateway.contract.event;

/** Topic and group names, and the partition counts that must never change. */
public final class Topics {

    /** Offers for the default pool; other pools have {@code jobs.requested.<pool>}. */
    public static final String JOBS_REQUESTED = "jobs.requested";

    public static final String JOBS_PROGRESS = "jobs.progress";
    public static final String JOBS_COMPLETED = "jobs.completed";
    public static final String JOBS_CONTROL = "jobs.control";
    /** Pictures of running nodes; kept for a minute. */
    public static final String JOBS_PREVIEWS = "jobs.previews";

    public static final String WORKERS_HEARTBEAT = "workers.heartbeat";
    public static final String WORKERS_INVENTORY = "workers.inventory";

    public static final String DLT_SUFFIX = "-dlt";

    public static final String DEFAULT_POOL = "default";

    /** Partitions of the topics keyed by job. Changing it would break the order per job. */
    public static final int JOB_PARTITIONS = 12;

    private Topics() {}

    /** The offer topic of a pool. It has one partition: share-group members are assigned to partitions. */
    public static String requested(String pool) {
        return pool.equals(DEFAULT_POOL) ? JOBS_REQUESTED : JOBS_REQUESTED + "." + pool;
    }

    /** The share group in which the workers of a pool take offers. */
    public static String shareGroup(String pool) {
        return "comfy-workers." + pool;
    }
}
