package dev.comfygateway.job.report;

import org.jspecify.annotations.Nullable;

/**
 * How far an attempt is.
 *
 * @param n number of the report it was read from
 * @param phase preparing, executing or finishing
 * @param fraction of the whole prompt, 0 to 1
 * @param nodesDone nodes that need no more work
 * @param nodesTotal all nodes
 * @param currentNode node that runs, or null
 * @param currentClass its class, or null
 */
public record AttemptProgress(
        long n,
        String phase,
        double fraction,
        int nodesDone,
        int nodesTotal,
        @Nullable String currentNode,
        @Nullable String currentClass) {}
