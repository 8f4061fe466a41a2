package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobCancelRequested;
import dev.comfygateway.contract.job.JobEvent.JobCanceled;
import dev.comfygateway.contract.job.JobEvent.JobExpired;
import dev.comfygateway.contract.job.JobEvent.JobFailed;
import dev.comfygateway.contract.job.JobEvent.JobReprioritized;
import dev.comfygateway.contract.job.JobEvent.JobRequeued;
import dev.comfygateway.contract.job.JobEvent.JobStarted;
import dev.comfygateway.contract.job.JobEvent.JobSubmitted;
import dev.comfygateway.contract.job.JobEvent.JobSucceeded;
import dev.comfygateway.contract.job.JobEvent.OutcomeContext;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Reason;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job and every rule about how it changes. Immutable; decisions are values that the caller makes durable.
 *
 * @param id its id
 * @param tenant owner
 * @param pool whose workers may run it
 * @param priority class in the queue
 * @param workflowId template it was made from, or null
 * @param metadata as submitted
 * @param callbackUrl where its owner wants to be told, or null
 * @param traceparent trace of the submission, or null
 * @param limits how long it may take
 * @param createdAt submission
 * @param startedAt newest grant, or null before the first
 * @param seq number of its newest event
 * @param attempts grants so far
 * @param failures attempts that failed and count
 * @param lostWorkers attempts that ended with their worker lost
 * @param enlarged whether it was moved to a larger pool
 * @param state where it is
 */
public record Job(
        String id,
        String tenant,
        String pool,
        Priority priority,
        @Nullable String workflowId,
        Map<String, Object> metadata,
        @Nullable String callbackUrl,
        @Nullable String traceparent,
        JobLimits limits,
        Instant createdAt,
        @Nullable Instant startedAt,
        long seq,
        int attempts,
        int failures,
        int lostWorkers,
        boolean enlarged,
        JobState state) {

    public Job {
        metadata = new LinkedHashMap<>(metadata);
    }

    /** A new job and its first event. */
    public static Changed submit(
            String id,
            String tenant,
            String pool,
            Priority priority,
            @Nullable String workflowId,
            Map<String, Object> metadata,
            @Nullable String callbackUrl,
            @Nullable String traceparent,
            JobLimits limits,
            Instant now) {
        Job job = new Job(
                id,
                tenant,
                pool,
                priority,
                workflowId,
                metadata,
                callbackUrl,
                traceparent,
                limits,
                now,
                null,
                1,
                0,
                0,
                0,
                false,
                new JobState.Queued(now, false));
        return new Changed(job, new JobSubmitted(id, 1, now, pool, priority));
    }

    /** When its time is up in the state it is in, or null when nothing would end it. */
    public @Nullable Instant dueAt() {
        return switch (state) {
            case JobState.Queued _ when attempts == 0 -> limits.atMost(createdAt.plus(limits.waiting()));
            case JobState.Queued queued -> limits.atMost(queued.notBefore().plus(limits.waiting()));
            case JobState.Running _ when startedAt != null -> limits.atMost(startedAt.plus(limits.total()));
            case JobState.Running _, JobState.Canceling _, JobState.Ended _ -> null;
        };
    }

    /** What follows from the trigger. */
    public JobDecision on(JobTrigger trigger, Instant now, RetryRules rules) {
        return switch (state) {
            case JobState.Queued _ -> whileQueued(trigger, now);
            case JobState.Running(AttemptHold attempt) -> whileRunning(attempt, trigger, now, rules);
            case JobState.Canceling(AttemptHold attempt, Instant _) -> whileCanceling(attempt, trigger, now);
            case JobState.Ended _ -> new Unchanged(this, Reason.ENDED);
        };
    }

    private JobDecision whileQueued(JobTrigger trigger, Instant now) {
        return switch (trigger) {
            case JobTrigger.Granted(AttemptHold attempt) -> started(attempt, now);
            case JobTrigger.CancelRequested _ -> canceled(now);
            case JobTrigger.Reprioritized(Priority wanted) when wanted != priority -> reprioritized(wanted, now);
            case JobTrigger.TimeUp _ when isDue(now) -> expired(failures, lostWorkers, waitedTooLong(now), now);
            case JobTrigger.Reprioritized _, JobTrigger.TimeUp _, JobTrigger.CancelOverdue _ ->
                new Unchanged(this, Reason.NOT_APPLICABLE);
            case JobTrigger.OfAttempt _ -> new Unchanged(this, Reason.FENCED);
        };
    }

    private JobDecision whileRunning(AttemptHold attempt, JobTrigger trigger, Instant now, RetryRules rules) {
        return switch (trigger) {
            case JobTrigger.OfAttempt report
            when !report.attemptId().equals(attempt.attemptId()) -> new Unchanged(this, Reason.FENCED);
            case JobTrigger.Succeeded success -> succeeded(success, now);
            case JobTrigger.Failed(String _, Failure failure) -> attemptFailed(attempt, failure, now, rules);
            // Nobody asked for it, so the worker did it for reasons of its own. Counted, or it could go on for ever.
            case JobTrigger.Stopped _ ->
                attemptFailed(
                        attempt,
                        Failure.of(
                                ErrorCode.ATTEMPT_EVICTED,
                                FailureCategory.BACKEND_LOST,
                                "The worker stopped the attempt"),
                        now,
                        rules);
            case JobTrigger.WorkerLost(String _, String detail) ->
                attemptFailed(
                        attempt, Failure.of(ErrorCode.WORKER_LOST, FailureCategory.WORKER_LOST, detail), now, rules);
            case JobTrigger.CancelRequested _ ->
                new Changed(at(new JobState.Canceling(attempt, now)), new JobCancelRequested(id, seq + 1, now));
            case JobTrigger.TimeUp(Duration grace)
            when isDue(now.minus(grace)) ->
                attemptFailed(
                        attempt,
                        Failure.of(
                                ErrorCode.COMFYUI_TIMEOUT,
                                FailureCategory.TIMEOUT,
                                "The attempt took longer than its limit, and its worker did not end it"),
                        now,
                        rules);
            case JobTrigger.TimeUp _, JobTrigger.Granted _, JobTrigger.Reprioritized _, JobTrigger.CancelOverdue _ ->
                new Unchanged(this, Reason.NOT_APPLICABLE);
        };
    }

    private JobDecision whileCanceling(AttemptHold attempt, JobTrigger trigger, Instant now) {
        return switch (trigger) {
            case JobTrigger.OfAttempt report
            when !report.attemptId().equals(attempt.attemptId()) -> new Unchanged(this, Reason.FENCED);
            // However the attempt ends now, even well: the cancel was first.
            case JobTrigger.OfAttempt _ -> canceled(now);
            case JobTrigger.CancelOverdue _ -> canceled(now);
            case JobTrigger.CancelRequested _, JobTrigger.Granted _, JobTrigger.Reprioritized _, JobTrigger.TimeUp _ ->
                new Unchanged(this, Reason.NOT_APPLICABLE);
        };
    }

    private boolean isDue(Instant now) {
        Instant due = dueAt();
        return due != null && !now.isBefore(due);
    }

    private Changed started(AttemptHold attempt, Instant now) {
        Job next = new Job(
                id,
                tenant,
                pool,
                priority,
                workflowId,
                metadata,
                callbackUrl,
                traceparent,
                limits,
                createdAt,
                now,
                seq + 1,
                attempt.number(),
                failures,
                lostWorkers,
                enlarged,
                new JobState.Running(attempt));
        JobEvent event = new JobStarted(id, seq + 1, now, attempt.number(), attempt.attemptId(), attempt.workerId());
        return new Changed(next, event);
    }

    private Changed reprioritized(Priority wanted, Instant now) {
        Job next = with(pool, wanted, failures, lostWorkers, enlarged, state);
        return new Changed(next, new JobReprioritized(id, seq + 1, now, wanted));
    }

    private Changed succeeded(JobTrigger.Succeeded success, Instant now) {
        JobState ended = new JobState.Succeeded(now, success.outputs(), success.executionTimeMs());
        JobEvent event = new JobSucceeded(
                id, seq + 1, now, success.attemptId(), success.outputs(), context(now, success.executionTimeMs()));
        return new Changed(at(ended), event);
    }

    private Changed attemptFailed(AttemptHold attempt, Failure failure, Instant now, RetryRules rules) {
        FailureCategory category = failure.category();
        int lost = lostWorkers + (category == FailureCategory.WORKER_LOST ? 1 : 0);
        if (limits.isOver(now)) {
            return expired(failures + 1, lost, "The deadline passed; the last attempt: " + failure.message(), now);
        }
        boolean last = failures + 1 >= rules.maxAttempts();
        return switch (rules.verdict(category)) {
            case NEVER -> failed(failures + 1, lost, failure, now);
            case AGAIN_UNCOUNTED ->
                requeued(
                        with(pool, priority, failures, lost, enlarged, new JobState.Queued(now, true)),
                        attempt,
                        failure,
                        now,
                        now);
            case LARGER -> {
                String larger = enlarged || last ? null : rules.larger(pool);
                yield larger == null
                        ? failed(failures + 1, lost, failure, now)
                        : requeued(
                                with(larger, priority, failures + 1, lost, true, new JobState.Queued(now, false)),
                                attempt,
                                failure,
                                now,
                                now);
            }
            case AGAIN -> {
                if (lost >= rules.maxLostWorkers()) {
                    Failure quarantined = Failure.of(
                            ErrorCode.QUARANTINED,
                            FailureCategory.WORKER_LOST,
                            "Workers were lost " + lost + " times while they had this job");
                    yield failed(failures + 1, lost, quarantined, now);
                }
                Instant notBefore = now.plus(rules.pause(category, failures + 1));
                yield last
                        ? failed(failures + 1, lost, failure, now)
                        : requeued(
                                with(
                                        pool,
                                        priority,
                                        failures + 1,
                                        lost,
                                        enlarged,
                                        new JobState.Queued(notBefore, false)),
                                attempt,
                                failure,
                                notBefore,
                                now);
            }
        };
    }

    private Changed requeued(Job next, AttemptHold attempt, Failure reason, Instant notBefore, Instant now) {
        String moved = next.pool().equals(pool) ? null : next.pool();
        return new Changed(next, new JobRequeued(id, seq + 1, now, attempt.number(), reason, notBefore, moved));
    }

    private Changed failed(int newFailures, int lost, Failure failure, Instant now) {
        Job next = with(pool, priority, newFailures, lost, enlarged, new JobState.Failed(now, failure));
        return new Changed(next, new JobFailed(id, seq + 1, now, failure, context(now, null)));
    }

    private String waitedTooLong(Instant now) {
        return limits.isOver(now)
                ? "The deadline passed while the job waited"
                : "The job waited longer than " + limits.waiting().toSeconds() + " s";
    }

    private Changed expired(int newFailures, int lost, String detail, Instant now) {
        Failure failure = Failure.of(ErrorCode.JOB_EXPIRED, FailureCategory.TIMEOUT, detail);
        Job next = with(pool, priority, newFailures, lost, enlarged, new JobState.Expired(now, failure));
        return new Changed(next, new JobExpired(id, seq + 1, now, failure, context(now, null)));
    }

    private Changed canceled(Instant now) {
        return new Changed(at(new JobState.Canceled(now)), new JobCanceled(id, seq + 1, now, context(now, null)));
    }

    private OutcomeContext context(Instant completedAt, @Nullable Long executionTimeMs) {
        return new OutcomeContext(
                tenant,
                workflowId,
                metadata,
                callbackUrl,
                new JobTiming(createdAt, startedAt, completedAt, executionTimeMs),
                attempts);
    }

    private Job at(JobState newState) {
        return with(pool, priority, failures, lostWorkers, enlarged, newState);
    }

    private Job with(
            String newPool,
            Priority newPriority,
            int newFailures,
            int newLost,
            boolean nowEnlarged,
            JobState newState) {
        return new Job(
                id,
                tenant,
                newPool,
                newPriority,
                workflowId,
                metadata,
                callbackUrl,
                traceparent,
                limits,
                createdAt,
                startedAt,
                seq + 1,
                attempts,
                newFailures,
                newLost,
                nowEnlarged,
                newState);
    }
}
