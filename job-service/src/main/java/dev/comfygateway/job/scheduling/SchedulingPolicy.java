package dev.comfygateway.job.scheduling;

import java.util.Locale;

/** The order in which a pool's waiting jobs are taken. A job that a worker gave back is always first. */
public enum SchedulingPolicy {
    /** Priority class, then the tenant that used least of its share, then warm models, then submission. */
    FAIR,
    /** Priority class, then tenants in turn, then the tenant's warm models, then submission. */
    ROUND_ROBIN,
    /** Priority class, then warm models, then submission. */
    PRIORITY,
    /** Submission only. */
    FIFO;

    /** Whether tenants are told apart. */
    boolean byTenant() {
        return switch (this) {
            case FAIR, ROUND_ROBIN -> true;
            case PRIORITY, FIFO -> false;
        };
    }

    /** The wire form: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
