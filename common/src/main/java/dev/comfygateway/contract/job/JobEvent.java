package dev.comfygateway.contract.job;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.problem.Failure;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A state change of a job, numbered by job-service in the transaction that made it.
 *
 * <p>{@code seq} starts at 1 and has no gaps, so that a reader can continue where it stopped.
 */
public sealed interface JobEvent extends EventData {

    String jobId();

    long seq();

    Instant at();

    /** The job's state after this event. */
    JobStatus status();

    /** The job is durable and waits. */
    record JobSubmitted(String jobId, long seq, Instant at, String pool, Priority priority) implements JobEvent {
        @Override
        public JobStatus status() {
            return JobStatus.QUEUED;
        }
    }

    /** A worker was granted an attempt. */
    record JobStarted(String jobId, long seq, Instant at, int attempt, String attemptId, String workerId)
            implements JobEvent {
        @Override
        public JobStatus status() {
            return JobStatus.RUNNING;
        }
    }

    /**
     * An attempt ended without a result and the job waits again, not before {@code notBefore}.
     *
     * @param pool the pool the job moved to, or null when it stays where it is
     */
    record JobRequeued(
            String jobId,
            long seq,
            Instant at,
            int attempt,
            Failure reason,
            Instant notBefore,

            @Nullable String pool) implements JobEvent {
        @Override
        public JobStatus status() {
            return JobStatus.QUEUED;
        }
    }

    /** The job waits in another priority class. */
    record JobReprioritized(String jobId, long seq, Instant at, Priority priority) implements JobEvent {
        @Override
        public JobStatus status() {
            return JobStatus.QUEUED;
        }
    }

    /** Cancellation was asked for while an attempt is running. */
    record JobCancelRequested(String jobId, long seq, Instant at) implements JobEvent {
        @Override
        public JobStatus status() {
            return JobStatus.CANCELING;
        }
    }

    /** The job has ended; exactly one of these exists per job. */
    sealed interface JobOutcome extends JobEvent {
        OutcomeContext context();
    }

    /**
     * What consumers of outcomes need to know about the job without asking for it.
     *
     * @param tenant owner
     * @param workflowId template the job was made from, or null for a raw graph
     * @param metadata as submitted
     * @param callbackUrl where the submitter wants to be told, or null
     * @param timing when things happened
     * @param attempts how many attempts were granted
     */
    record OutcomeContext(
            String tenant,
            @Nullable String workflowId,
            Map<String, Object> metadata,
            @Nullable String callbackUrl,
            JobTiming timing,
            int attempts) {

        public OutcomeContext {
            metadata = new LinkedHashMap<>(metadata);
        }
    }

    /** Every output is stored and verified. */
    record JobSucceeded(
            String jobId, long seq, Instant at, String attemptId, List<JobOutput> outputs, OutcomeContext context)
            implements JobOutcome {

        public JobSucceeded {
            outputs = List.copyOf(outputs);
        }

        @Override
        public JobStatus status() {
            return JobStatus.SUCCEEDED;
        }
    }

    /** No further attempt will be made. */
    record JobFailed(String jobId, long seq, Instant at, Failure failure, OutcomeContext context)
            implements JobOutcome {
        @Override
        public JobStatus status() {
            return JobStatus.FAILED;
        }
    }

    /** The job was canceled; a result that arrives later is discarded. */
    record JobCanceled(String jobId, long seq, Instant at, OutcomeContext context) implements JobOutcome {
        @Override
        public JobStatus status() {
            return JobStatus.CANCELED;
        }
    }

    /** The job waited longer than its caller allowed. */
    record JobExpired(String jobId, long seq, Instant at, Failure failure, OutcomeContext context)
            implements JobOutcome {
        @Override
        public JobStatus status() {
            return JobStatus.EXPIRED;
        }
    }
}
