package dev.comfygateway.job.report;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the reports of an attempt told of its run, as it is stored with the attempt.
 *
 * @param startedAt when ComfyUI began with the prompt, by the worker's clock, or null when nobody said
 * @param outputs how many outputs are stored
 * @param nodes in the order in which they were first heard of
 * @param leftOut nodes that ended and are not among them, because there are too many
 */
public record Execution(@Nullable Instant startedAt, int outputs, List<NodeTime> nodes, int leftOut) {
    public Execution {
        nodes = List.copyOf(nodes);
    }
}
