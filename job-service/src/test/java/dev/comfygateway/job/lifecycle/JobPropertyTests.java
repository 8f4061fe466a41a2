package dev.comfygateway.job.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.testing.Proves;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random interleavings of claims, cancels, reports about any attempt there ever was (so also late, repeated and out of
 * order), lost leases, sweeps and jumps of the clock. {@link JobModel} says what must hold after each.
 */
class JobPropertyTests {

    private static final int TRIES = 5000;

    /** What happens. Attempts are meant by number among those there are, so that every step makes sense anywhere. */
    sealed interface Step {
        record Claim() implements Step {}

        record SecondGrant() implements Step {}

        record Cancel() implements Step {}

        record CancelOverdue() implements Step {}

        record Reprioritize(Priority priority) implements Step {}

        record TimeUp() implements Step {}

        record Succeed(int attempt) implements Step {}

        record Fail(int attempt, FailureCategory category) implements Step {}

        record Stop(int attempt) implements Step {}

        record LoseWorker(int attempt) implements Step {}

        record Pass(Duration time) implements Step {}
    }

    @Test
    @Proves({"X-6", "X-10"})
    void everyInterleavingEndsAtMostOnceAndKeepsTheRules() {
        Sequences.check(TRIES, JobPropertyTests::step, steps -> play(new JobModel(false), steps));
    }

    @Test
    void everyInterleavingKeepsItsDeadline() {
        Sequences.check(TRIES, JobPropertyTests::step, steps -> play(new JobModel(true), steps));
    }

    /** Whatever happened: the parts that are certain to come end the job. */
    @Test
    void everyInterleavingEndsWhenTimePasses() {
        Sequences.check(TRIES, JobPropertyTests::step, steps -> {
            JobModel model = new JobModel(true);
            play(model, steps);
            model.passes(Duration.ofDays(1));
            model.on(new JobTrigger.TimeUp(JobModel.GRACE));
            model.on(new JobTrigger.CancelOverdue());
            assertThat(model.job().state()).isInstanceOf(JobState.Ended.class);
        });
    }

    /** A model that never gets anywhere would keep every rule. */
    @Test
    void reachesEveryState() {
        Map<JobStatus, Integer> seen = new EnumMap<>(JobStatus.class);
        Sequences.check(TRIES, JobPropertyTests::step, steps -> {
            JobModel model = new JobModel(steps.size() % 2 == 0);
            play(model, steps);
            seen.merge(model.job().state().status(), 1, Integer::sum);
        });
        assertThat(seen).containsOnlyKeys(JobStatus.values());
        assertThat(seen.values()).allSatisfy(count -> assertThat(count).isGreaterThan(TRIES / 500));
    }

    private static void play(JobModel model, List<Step> steps) {
        for (Step step : steps) {
            switch (step) {
                case Step.Claim _ -> model.claim("w");
                case Step.SecondGrant _ -> secondGrant(model);
                case Step.Cancel _ -> model.on(new JobTrigger.CancelRequested());
                case Step.CancelOverdue _ -> model.on(new JobTrigger.CancelOverdue());
                case Step.Reprioritize(Priority priority) -> model.on(new JobTrigger.Reprioritized(priority));
                case Step.TimeUp _ -> model.on(new JobTrigger.TimeUp(JobModel.GRACE));
                case Step.Succeed(int n) -> model.on(new JobTrigger.Succeeded(model.attempt(n), List.of(), 1));
                case Step.Fail(int n, FailureCategory category) ->
                    model.on(new JobTrigger.Failed(
                            model.attempt(n), Failure.of(ErrorCode.INTERNAL_ERROR, category, "x")));
                case Step.Stop(int n) -> model.on(new JobTrigger.Stopped(model.attempt(n)));
                case Step.LoseWorker(int n) -> model.on(new JobTrigger.WorkerLost(model.attempt(n), "gone"));
                case Step.Pass(Duration time) -> model.passes(time);
            }
        }
    }

    private static void secondGrant(JobModel model) {
        if (!(model.job().state() instanceof JobState.Queued)) {
            JobDecision decision = model.on(new JobTrigger.Granted(new AttemptHold("other", 99, "w")));
            assertThat(decision).as("a job is granted once at a time").isNotInstanceOf(Changed.class);
        }
    }

    private static Step step(Random random) {
        int attempt = random.nextInt(8);
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4 -> new Step.Claim();
            case 5 -> new Step.SecondGrant();
            case 6 -> random.nextInt(3) == 0 ? new Step.Cancel() : new Step.Claim();
            case 7 -> new Step.CancelOverdue();
            case 8 -> new Step.Reprioritize(any(random, Priority.values()));
            case 9 -> new Step.TimeUp();
            case 10 -> random.nextInt(3) == 0 ? new Step.Succeed(attempt) : new Step.Claim();
            case 11, 12, 13 -> new Step.Fail(attempt, any(random, FailureCategory.values()));
            case 14 -> new Step.Stop(attempt);
            case 15 -> new Step.LoseWorker(attempt);
            case 16 -> new Step.Pass(Duration.ofSeconds(random.nextInt(-30, 200)));
            default -> new Step.Pass(Duration.ofSeconds(random.nextInt(20)));
        };
    }

    private static <T> T any(Random random, T[] values) {
        return values[random.nextInt(values.length)];
    }
}
