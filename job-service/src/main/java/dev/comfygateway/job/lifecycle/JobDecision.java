package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.job.JobEvent;
import java.util.List;

/** What follows from a trigger. */
public sealed interface JobDecision {

    /**
     * The job changes.
     *
     * @param next the job afterwards
     * @param events the numbered events that say so
     */
    record Changed(Job next, List<JobEvent> events) implements JobDecision {
        public Changed {
            events = List.copyOf(events);
        }
    }

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
