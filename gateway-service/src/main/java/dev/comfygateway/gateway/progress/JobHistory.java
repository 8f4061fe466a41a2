package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.job.JobEvent;
import java.util.List;

/**
 * The numbered state changes of a job, oldest first.
 *
 * @param terminal whether the last of the job's events is its outcome
 */
record JobHistory(List<JobEvent> events, boolean terminal) {

    JobHistory {
        events = List.copyOf(events);
    }

    long lastSeq() {
        return events.isEmpty() ? 0 : events.getLast().seq();
    }
}
