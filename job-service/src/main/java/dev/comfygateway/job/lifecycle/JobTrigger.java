package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.Failure;
import java.time.Duration;
import java.util.List;

/** What can happen to a job. */
public sealed interface JobTrigger {

    /** A worker claimed it. */
    record Granted(AttemptHold attempt) implements JobTrigger {}

    /** Its owner cancels it. */
    record CancelRequested() implements JobTrigger {}

    /** Its owner wants it in another class of the queue. */
    record Reprioritized(Priority priority) implements JobTrigger {}

    /**
     * Its time may be up.
     *
     * @param grace how much longer a running attempt may take, as its worker keeps the limit itself
     */
    record TimeUp(Duration grace) implements JobTrigger {}

    /** A cancel was not confirmed in time. */
    record CancelOverdue() implements JobTrigger {}

    /** Something about one attempt; means nothing unless that attempt holds the job. */
    sealed interface OfAttempt extends JobTrigger {
        String attemptId();
    }

    /** The attempt has a result. */
    record Succeeded(String attemptId, List<JobOutput> outputs, long executionTimeMs) implements OfAttempt {
        public Succeeded {
            outputs = List.copyOf(outputs);
        }
    }

    /** The attempt ended without a result. */
    record Failed(String attemptId, Failure failure) implements OfAttempt {}

    /** The worker stopped the attempt. */
    record Stopped(String attemptId) implements OfAttempt {}

    /** The worker is gone. */
    record WorkerLost(String attemptId, String detail) implements OfAttempt {}
}
