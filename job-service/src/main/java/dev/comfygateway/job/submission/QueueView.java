package dev.comfygateway.job.submission;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Where a waiting job is in line.
 *
 * @param position from 1: jobs that will be granted before it, and itself
 * @param waitSeconds until it starts; missing when nobody can know
 * @param doneSeconds until it is done; missing when nobody can know
 * @param reason what it waits for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record QueueView(
        int position,
        @Nullable Seconds waitSeconds,
        @Nullable Seconds doneSeconds,
        Reason reason) {

    /**
     * A time ahead.
     *
     * @param p50 it is over by then with even odds
     * @param p90 it is over by then in nine of ten cases
     */
    public record Seconds(double p50, double p90) {
        static Seconds of(double p50, double p90) {
            return new Seconds(Math.round(p50 * 10) / 10.0, Math.round(p90 * 10) / 10.0);
        }
    }

    /** What a job waits for. */
    public enum Reason {
        IN_LINE,
        POOL_PAUSED,
        TENANT_PAUSED,
        PAUSE_BEFORE_RETRY,
        PARALLEL_QUOTA,
        NO_WORKER,
        NO_ABLE_WORKER,
        PASSED_OVER_FOR_WARM_MODELS
    }
}
