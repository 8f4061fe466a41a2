package dev.comfygateway.contract.attempt;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.Failure;
import java.time.Instant;
import java.util.List;

/**
 * What a worker says about an attempt. Reports of one attempt are numbered by the worker from 1 ({@code n}) and travel
 * in order; they may be repeated.
 */
public sealed interface AttemptReport extends EventData {

    AttemptRef attempt();

    long n();

    Instant at();

    /** ComfyUI accepted the prompt and started it. */
    record ExecutionStarted(AttemptRef attempt, long n, Instant at, String promptId, NodeCount nodes)
            implements AttemptReport {}

    /** A graph node started. */
    record NodeStarted(AttemptRef attempt, long n, Instant at, String nodeId, String nodeClass, NodeCount nodes)
            implements AttemptReport {}

    /** A graph node ended, or was found in ComfyUI's cache. */
    record NodeFinished(
            AttemptRef attempt, long n, Instant at, String nodeId, String nodeClass, boolean cached, NodeCount nodes)
            implements AttemptReport {}

    /**
     * A step within a node. The only report that may be dropped or coalesced.
     *
     * @param step steps done, at most {@code steps}
     * @param fraction of the whole prompt, 0 to 1, never falls during an attempt
     */
    record Progressed(
            AttemptRef attempt,
            long n,
            Instant at,
            String nodeId,
            String nodeClass,
            int step,
            int steps,
            NodeCount nodes,
            double fraction)
            implements AttemptReport {}

    /** One output is stored and verified; more may follow. */
    record OutputStored(AttemptRef attempt, long n, Instant at, JobOutput output) implements AttemptReport {}

    /**
     * The attempt ended well: all outputs are stored and verified.
     *
     * @param executionTimeMs from ComfyUI's start of the prompt to its end marker
     */
    record AttemptSucceeded(AttemptRef attempt, long n, Instant at, List<JobOutput> outputs, long executionTimeMs)
            implements Ended {
        public AttemptSucceeded {
            outputs = List.copyOf(outputs);
        }
    }

    /** The attempt ended without a result. */
    record AttemptFailed(AttemptRef attempt, long n, Instant at, Failure failure) implements Ended {}

    /** The attempt was stopped because the job was canceled or the attempt superseded; the slot is free again. */
    record AttemptCanceled(AttemptRef attempt, long n, Instant at) implements Ended {}

    /** Nothing follows for this attempt. */
    sealed interface Ended extends AttemptReport {}
}
