package dev.comfygateway.job.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobRequeued;
import dev.comfygateway.contract.job.JobEvent.JobStarted;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A job's row, its attempts and its events as the database holds them, and what must be true of them after every change.
 * Only {@link Job#on} decides; this writes down what it decided, as the service does, and keeps books of its own.
 */
final class JobModel {

    static final RetryRules RULES = new RetryRules(
            3,
            2,
            List.of(Duration.ofSeconds(1), Duration.ofSeconds(5)),
            0.2,
            () -> 0.5,
            Map.of("default", "big", "big", "huge"));
    static final Duration GRACE = Duration.ofSeconds(60);
    private static final Instant START = Instant.parse("2026-01-02T03:04:05Z");

    private Job job;
    private Instant now = START;
    private final List<String> attempts = new ArrayList<>();
    private final List<JobEvent> events = new ArrayList<>();
    private boolean cancelAccepted;
    private int counted;

    JobModel(boolean withDeadline) {
        JobLimits limits = new JobLimits(
                Duration.ofSeconds(300),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(120),
                withDeadline ? START.plusSeconds(200) : null);
        Changed submitted = Job.submit("j", "t", "default", Priority.NORMAL, null, Map.of(), null, null, limits, START);
        job = submitted.next();
        events.add(submitted.event());
    }

    Job job() {
        return job;
    }

    /** The database's clock jumps, also backwards. */
    void passes(Duration time) {
        now = now.plus(time);
    }

    /** What the claim's query finds, or nothing. */
    void claim(String worker) {
        boolean due = job.dueAt() != null && !now.isBefore(job.dueAt());
        if (job.state() instanceof JobState.Queued(Instant notBefore, boolean _) && !notBefore.isAfter(now) && !due) {
            grant(worker);
        }
    }

    private void grant(String worker) {
        String id = "a" + (attempts.size() + 1);
        if (on(new JobTrigger.Granted(new AttemptHold(id, job.attempts() + 1, worker))) instanceof Changed) {
            attempts.add(id);
        }
    }

    /** The attempt with that number among all there were, or one that never was. */
    String attempt(int number) {
        return attempts.isEmpty() ? "a0" : attempts.get(number % attempts.size());
    }

    JobDecision on(JobTrigger trigger) {
        Job before = job;
        JobDecision decision = before.on(trigger, now, RULES);
        switch (decision) {
            case Unchanged unchanged -> assertThat(unchanged.job()).isEqualTo(before);
            case Changed(Job next, JobEvent event) -> {
                assertThat(before.state()).as("nothing follows an outcome").isNotInstanceOf(JobState.Ended.class);
                assertThat(event.seq()).as("numbers have no gaps").isEqualTo(events.size() + 1L);
                events.add(event);
                job = next;
                check(before, trigger, event);
            }
        }
        return decision;
    }

    private void check(Job before, JobTrigger trigger, JobEvent event) {
        AttemptHold hold = job.state().hold();
        assertThat(job.seq()).isEqualTo(event.seq());
        assertThat(job.state().status()).as("the event tells the state").isEqualTo(event.status());
        assertThat(hold != null)
                .as("held while running or canceling, and never else")
                .isEqualTo(job.state() instanceof JobState.Running || job.state() instanceof JobState.Canceling);
        if (trigger instanceof JobTrigger.OfAttempt report) {
            AttemptHold held = before.state().hold();
            assertThat(held == null ? null : held.attemptId())
                    .as("only the attempt that holds the job changes it")
                    .isEqualTo(report.attemptId());
        }
        if (event instanceof JobStarted) {
            assertThat(job.attempts()).isEqualTo(before.attempts() + 1);
            assertThat(before.state()).isInstanceOf(JobState.Queued.class);
        }
        count(before, event);
        cancels(trigger, event);
        if (trigger instanceof JobTrigger.Succeeded && before.state() instanceof JobState.Running) {
            assertThat(job.state()).as("a success stands").isInstanceOf(JobState.Succeeded.class);
        }
        Instant deadline = job.limits().deadline();
        if (event instanceof JobRequeued && deadline != null) {
            assertThat(now).as("no attempt is made after the deadline").isBefore(deadline);
        }
        assertThat(events.stream().filter(JobOutcome.class::isInstance).count())
                .as("one outcome")
                .isEqualTo(job.state() instanceof JobState.Ended ? 1 : 0);
    }

    /** Attempts that count, lost workers and moves to larger pools, counted from the events alone. */
    private void count(Job before, JobEvent event) {
        if (event instanceof JobRequeued requeued && requeued.reason().category() != FailureCategory.EVICTED) {
            counted++;
        }
        assertThat(counted).as("attempts that count").isLessThan(RULES.maxAttempts());
        long lost = events.stream()
                .filter(past -> past instanceof JobRequeued requeued
                        && requeued.reason().category() == FailureCategory.WORKER_LOST)
                .count();
        assertThat(lost).as("lost workers").isLessThan(RULES.maxLostWorkers());
        if (!job.pool().equals(before.pool())) {
            assertThat(before.pool()).as("moved once").isEqualTo("default");
        }
    }

    private void cancels(JobTrigger trigger, JobEvent event) {
        if (trigger instanceof JobTrigger.CancelRequested) {
            cancelAccepted = true;
        }
        if (cancelAccepted) {
            assertThat(event.status())
                    .as("a canceled job is never revived, nor ended otherwise")
                    .isIn(JobStatus.CANCELING, JobStatus.CANCELED);
        }
    }
}
