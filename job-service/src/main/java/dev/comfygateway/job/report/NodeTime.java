package dev.comfygateway.job.report;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the run of one node; times are the worker's.
 *
 * @param id of the node in the graph
 * @param nodeClass its class, or null while unknown
 * @param startedAt or null when it was cached or nobody said
 * @param endedAt or null while it runs, or when the prompt ended within it
 * @param cached whether its result was known, so that it did not run
 * @param step steps done
 * @param steps steps in all, 0 when it tells of none
 */
public record NodeTime(
        String id,
        @Nullable String nodeClass,
        @Nullable Instant startedAt,
        @Nullable Instant endedAt,
        boolean cached,
        int step,
        int steps) {

    /** What both know together; where they differ, this one is right. */
    NodeTime and(NodeTime other) {
        return new NodeTime(
                id,
                nodeClass == null ? other.nodeClass : nodeClass,
                startedAt == null ? other.startedAt : startedAt,
                endedAt == null ? other.endedAt : endedAt,
                cached || other.cached,
                Math.max(step, other.step),
                Math.max(steps, other.steps));
    }
}
