package dev.comfygateway.job.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobFailed;
import dev.comfygateway.contract.job.JobEvent.JobRequeued;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Reason;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobTests {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final RetryRules RULES = RetryRules.DEFAULT;

    private final Job queued = Job.submit("j_1", "t", "default", Priority.NORMAL, null, Map.of(), null, null, NOW)
            .next();

    @Test
    void numbersEveryChangeWithoutGaps() {
        Job running = started(queued, "a1");
        Job canceling = change(running, new JobTrigger.CancelRequested());
        Job canceled = change(canceling, new JobTrigger.Stopped("a1"));

        assertThat(List.of(queued.seq(), running.seq(), canceling.seq(), canceled.seq()))
                .containsExactly(1L, 2L, 3L, 4L);
        assertThat(canceled.state().status()).isEqualTo(JobStatus.CANCELED);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureCategory.class,
            names = {"BACKEND_LOST", "STORAGE"})
    void triesThreeTimesWithGrowingPauses(FailureCategory category) {
        Job job = started(queued, "a1");
        Changed first = fail(job, "a1", category);
        assertThat(notBefore(first)).isEqualTo(NOW.plusSeconds(1));
        Changed second = fail(started(first.next(), "a2"), "a2", category);
        assertThat(notBefore(second)).isEqualTo(NOW.plusSeconds(5));
        Changed third = fail(started(second.next(), "a3"), "a3", category);
        assertThat(third.next().state().status()).isEqualTo(JobStatus.FAILED);
        assertThat(third.next().attempts()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource(
            value = FailureCategory.class,
            names = {"VALIDATION", "NODE_ERROR", "OUT_OF_MEMORY", "TIMEOUT", "INTERNAL"})
    void failsAtOnceWhenAnotherAttemptCannotHelp(FailureCategory category) {
        assertThat(fail(started(queued, "a1"), "a1", category).next().state()).isInstanceOf(JobState.Failed.class);
    }

    @Test
    void putsAnEvictedJobFirstInLineWithoutCountingIt() {
        Job job = queued;
        for (int i = 1; i <= 5; i++) {
            job = fail(started(job, "a" + i), "a" + i, FailureCategory.EVICTED).next();
        }
        assertThat(job.state()).isEqualTo(new JobState.Queued(NOW, true));
        assertThat(job.failures()).isZero();
    }

    @Test
    void quarantinesAJobThatTookTwoWorkersWithIt() {
        Job again = change(started(queued, "a1"), new JobTrigger.WorkerLost("a1", "gone"));
        assertThat(again.state()).isEqualTo(new JobState.Queued(NOW, false));
        Changed second = (Changed) started(again, "a2").on(new JobTrigger.WorkerLost("a2", "gone"), NOW, RULES);
        assertThat(((JobFailed) second.event()).failure().code()).isEqualTo(ErrorCode.QUARANTINED);
    }

    @Test
    void discardsASuccessThatComesAfterTheCancel() {
        Job canceling = change(started(queued, "a1"), new JobTrigger.CancelRequested());
        Job ended = change(canceling, new JobTrigger.Succeeded("a1", List.of(), 5));
        assertThat(ended.state()).isInstanceOf(JobState.Canceled.class);
    }

    @Test
    @Proves("X-6")
    void neverRevivesACanceledJob() {
        Job canceled = change(queued, new JobTrigger.CancelRequested());
        for (JobTrigger trigger : List.of(
                new JobTrigger.Granted(new AttemptHold("a1", 1, "w")),
                new JobTrigger.WorkerLost("a1", "gone"),
                new JobTrigger.Succeeded("a1", List.of(), 1),
                new JobTrigger.Failed("a1", failure(FailureCategory.BACKEND_LOST)))) {
            assertThat(canceled.on(trigger, NOW, RULES)).isEqualTo(new Unchanged(canceled, Reason.ENDED));
        }
    }

    @Test
    void ignoresReportsOfOtherAttempts() {
        Job running = started(queued, "a2");
        assertThat(running.on(new JobTrigger.Succeeded("a1", List.of(), 1), NOW, RULES))
                .isEqualTo(new Unchanged(running, Reason.FENCED));
        assertThat(queued.on(new JobTrigger.Succeeded("a1", List.of(), 1), NOW, RULES))
                .isEqualTo(new Unchanged(queued, Reason.FENCED));
    }

    private static Job started(Job job, String attemptId) {
        return change(job, new JobTrigger.Granted(new AttemptHold(attemptId, job.attempts() + 1, "w")));
    }

    private static Job change(Job job, JobTrigger trigger) {
        return ((Changed) job.on(trigger, NOW, RULES)).next();
    }

    private static Changed fail(Job job, String attemptId, FailureCategory category) {
        return (Changed) job.on(new JobTrigger.Failed(attemptId, failure(category)), NOW, RULES);
    }

    private static Failure failure(FailureCategory category) {
        return Failure.of(ErrorCode.INTERNAL_ERROR, category, "x");
    }

    private static Instant notBefore(Changed changed) {
        JobEvent event = changed.event();
        return ((JobRequeued) event).notBefore();
    }
}
