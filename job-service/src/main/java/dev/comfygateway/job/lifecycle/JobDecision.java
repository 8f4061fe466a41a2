package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.job.JobEvent;

/** What follows from a trigger. */
public sealed interface JobDecision {

    /**
     * The job changes.
     *
     * @param next the job afterwards
     * @param event the numbered event that says so
     */
    record Changed(Job next, JobEvent event) implements JobDecision {}

    /** Nothing changes. */
    record Unchanged(Job job, Reason reason) implements JobDecision {}

    /** Why nothing changes. */
    enum Reason {
        /** The trigger is about an attempt that does not hold the job. */
        FENCED,
        /** The job has ended. */
        ENDED,
        /** It is so already, or makes no sense in this state. */
        NOT_APPLICABLE
    }
}
