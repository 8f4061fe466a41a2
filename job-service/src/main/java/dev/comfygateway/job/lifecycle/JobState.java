package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.problem.Failure;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a job is, with the facts that only this state has. */
public sealed interface JobState {

    /** The name of the state outside. */
    default JobStatus status() {
        return switch (this) {
            case Queued _ -> JobStatus.QUEUED;
            case Running _ -> JobStatus.RUNNING;
            case Canceling _ -> JobStatus.CANCELING;
            case Succeeded _ -> JobStatus.SUCCEEDED;
            case Failed _ -> JobStatus.FAILED;
            case Canceled _ -> JobStatus.CANCELED;
            case Expired _ -> JobStatus.EXPIRED;
        };
    }

    /** The attempt that holds the job, or null when none does. */
    default @Nullable AttemptHold hold() {
        return switch (this) {
            case Running running -> running.attempt();
            case Canceling canceling -> canceling.attempt();
            case Queued _ -> null;
            case Ended _ -> null;
        };
    }

    /**
     * Waits for a worker.
     *
     * @param notBefore earliest next grant
     * @param firstInLine whether it goes before all priorities, because a worker gave it back
     */
    record Queued(Instant notBefore, boolean firstInLine) implements JobState {}

    /** An attempt runs. */
    record Running(AttemptHold attempt) implements JobState {}

    /** The attempt is being stopped. */
    record Canceling(AttemptHold attempt, Instant since) implements JobState {}

    /** Nothing changes any more. */
    sealed interface Ended extends JobState {
        Instant at();
    }

    /** All outputs are there. */
    record Succeeded(
            Instant at, List<JobOutput> outputs, @Nullable Long executionTimeMs) implements Ended {
        public Succeeded {
            outputs = List.copyOf(outputs);
        }
    }

    /** No attempt will follow. */
    record Failed(Instant at, Failure failure) implements Ended {

        /** Whether the failure is the installation's and not the graph's, so that an operator should see it. */
        public boolean isForOperator() {
            return switch (failure.category()) {
                case BACKEND_LOST, WORKER_LOST, STORAGE, TIMEOUT, INTERNAL, EVICTED -> true;
                case VALIDATION, NODE_ERROR, OUT_OF_MEMORY, CANCELED -> false;
            };
        }
    }

    /** Its owner did not want it any more. */
    record Canceled(Instant at) implements Ended {}

    /** It waited too long, or its deadline passed. */
    record Expired(Instant at, Failure failure) implements Ended {}
}
