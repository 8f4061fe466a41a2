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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class JobTests {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final RetryRules RULES = new RetryRules(
            3,
            2,
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(15)),
            0.5,
            () -> 0,
            Map.of("default", "big", "big", "huge"));
    private static final JobLimits LIMITS = new JobLimits(
            Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofMinutes(2), Duration.ofMinutes(10), null);

    private final Job queued = submitted("default", LIMITS);

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
            names = {"VALIDATION", "NODE_ERROR", "TIMEOUT", "INTERNAL"})
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

    @Test
    void makesPausesLongerByChance() {
        RetryRules rules = new RetryRules(3, 2, List.of(Duration.ofSeconds(10)), 0.5, () -> 0.5, Map.of());
        assertThat(rules.pause(FailureCategory.BACKEND_LOST, 1)).isEqualTo(Duration.ofMillis(12_500));
        assertThat(rules.pause(FailureCategory.BACKEND_LOST, 9)).isEqualTo(Duration.ofMillis(12_500));
        assertThat(rules.pause(FailureCategory.WORKER_LOST, 1)).isZero();
    }

    @Test
    void movesOnceToALargerPoolWhenMemoryIsShort() {
        Changed first = fail(started(queued, "a1"), "a1", FailureCategory.OUT_OF_MEMORY);
        assertThat(first.next().pool()).isEqualTo("big");
        assertThat(((JobRequeued) first.event()).pool()).isEqualTo("big");
        Changed second = fail(started(first.next(), "a2"), "a2", FailureCategory.OUT_OF_MEMORY);
        assertThat(second.next().state()).isInstanceOf(JobState.Failed.class);

        Job small = submitted("small", LIMITS);
        assertThat(fail(started(small, "a1"), "a1", FailureCategory.OUT_OF_MEMORY)
                        .next()
                        .state())
                .as("no larger pool")
                .isInstanceOf(JobState.Failed.class);
    }

    @Test
    void expiresWhenItHasWaitedTooLongForAnAttempt() {
        JobTrigger time = new JobTrigger.TimeUp(Duration.ZERO);
        Instant late = NOW.plus(LIMITS.waiting());
        assertThat(queued.on(time, late.minusMillis(1), RULES)).isInstanceOf(Unchanged.class);
        Changed expired = (Changed) queued.on(time, late, RULES);
        assertThat(((JobState.Expired) expired.next().state()).failure().code()).isEqualTo(ErrorCode.JOB_EXPIRED);

        Job again =
                fail(started(queued, "a1"), "a1", FailureCategory.BACKEND_LOST).next();
        Instant due = ((JobState.Queued) again.state()).notBefore().plus(LIMITS.waiting());
        assertThat(again.on(time, due.minusMillis(1), RULES))
                .as("a retry may wait as long again")
                .isInstanceOf(Unchanged.class);
        assertThat(again.on(time, due, RULES)).isInstanceOf(Changed.class);
    }

    @ParameterizedTest
    @EnumSource(FailureCategory.class)
    void expiresWhenAnAttemptFailsAfterTheDeadline(FailureCategory category) {
        Instant deadline = NOW.plusSeconds(60);
        Job running = started(submitted("default", withDeadline(deadline)), "a1");
        JobTrigger failed = new JobTrigger.Failed("a1", failure(category));
        assertThat(changed(running, failed, deadline).state()).isInstanceOf(JobState.Expired.class);
        assertThat(changed(running, failed, deadline.minusMillis(1)).state()).isNotInstanceOf(JobState.Expired.class);
    }

    @Test
    void letsASuccessStandThatComesAfterTheDeadline() {
        Instant deadline = NOW.plusSeconds(60);
        Job running = started(submitted("default", withDeadline(deadline)), "a1");
        assertThat(changed(running, new JobTrigger.Succeeded("a1", List.of(), 5), deadline.plusSeconds(1))
                        .state())
                .isInstanceOf(JobState.Succeeded.class);
    }

    @Test
    void endsAnAttemptThatIsHeldBeyondItsLimit() {
        Job running = started(queued, "a1");
        JobTrigger time = new JobTrigger.TimeUp(Duration.ofMinutes(1));
        Instant late = NOW.plus(LIMITS.total()).plusSeconds(60);
        assertThat(running.on(time, late.minusMillis(1), RULES)).isInstanceOf(Unchanged.class);
        JobState ended = changed(running, time, late).state();
        assertThat(((JobState.Failed) ended).failure().code()).isEqualTo(ErrorCode.COMFYUI_TIMEOUT);
        assertThat(((JobState.Failed) ended).isForOperator()).isTrue();

        Job canceling = change(running, new JobTrigger.CancelRequested());
        assertThat(canceling.on(time, late, RULES)).isInstanceOf(Unchanged.class);
    }

    @Test
    void givesAnAttemptNoMoreTimeThanTheDeadlineLeaves() {
        JobLimits limits = withDeadline(NOW.plusMillis(5_500));
        assertThat(limits.ofAttempt(NOW).totalSeconds()).as("up").isEqualTo(6);
        assertThat(limits.ofAttempt(NOW.plusSeconds(99)).totalSeconds()).isEqualTo(1);
        assertThat(LIMITS.ofAttempt(NOW).totalSeconds()).isEqualTo(600);
        assertThat(limits.again(NOW, NOW.plusSeconds(1000)).deadline()).isEqualTo(NOW.plusMillis(1_005_500));
    }

    @Test
    void movesInTheQueueOnlyWhileItWaits() {
        JobTrigger low = new JobTrigger.Reprioritized(Priority.LOW);
        assertThat(change(queued, low).priority()).isEqualTo(Priority.LOW);
        assertThat(change(queued, low).on(low, NOW, RULES)).isInstanceOf(Unchanged.class);
        assertThat(started(queued, "a1").on(low, NOW, RULES)).isInstanceOf(Unchanged.class);
    }

    private static Job submitted(String pool, JobLimits limits) {
        return Job.submit("j_1", "t", pool, Priority.NORMAL, null, Map.of(), null, null, limits, NOW)
                .next();
    }

    private static JobLimits withDeadline(Instant deadline) {
        return new JobLimits(LIMITS.waiting(), LIMITS.start(), LIMITS.noProgress(), LIMITS.total(), deadline);
    }

    private static Job changed(Job job, JobTrigger trigger, Instant now) {
        return ((Changed) job.on(trigger, now, RULES)).next();
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
