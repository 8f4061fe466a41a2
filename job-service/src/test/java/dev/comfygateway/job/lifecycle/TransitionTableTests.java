package dev.comfygateway.job.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Tries every trigger in every state and writes down what follows; the build copies the table into ARCHITECTURE.md. Where
 * it depends on the job, all that can follow is listed.
 */
class TransitionTableTests {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Instant DEADLINE = NOW.plusSeconds(3000);
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final String ATTEMPT = "a";
    private static final String NOTHING = "-";
    private static final RetryRules RULES =
            new RetryRules(3, 2, List.of(Duration.ofSeconds(1)), 0, () -> 0, Map.of("default", "big"));
    private static final AttemptHold HOLD = new AttemptHold(ATTEMPT, 1, "w");

    /** Which job and when, as far as the rules look at it. */
    private record Case(String pool, int failures, int lostWorkers, Instant now) {}

    private static final List<Case> CASES = List.of(
            new Case("default", 0, 0, NOW.plusSeconds(10)),
            new Case("lonely", 0, 0, NOW.plusSeconds(10)),
            new Case("default", 2, 0, NOW.plusSeconds(10)),
            new Case("default", 1, 1, NOW.plusSeconds(10)),
            new Case("default", 0, 0, NOW.plusSeconds(1500)),
            new Case("default", 0, 0, DEADLINE));

    private static Map<String, JobTrigger> triggers() {
        Map<String, JobTrigger> triggers = new LinkedHashMap<>();
        triggers.put("claim granted", new JobTrigger.Granted(HOLD));
        triggers.put("success", new JobTrigger.Succeeded(ATTEMPT, List.of(), 1));
        triggers.put("backend or prompt lost, storage", failed(FailureCategory.BACKEND_LOST));
        triggers.put("worker lost", new JobTrigger.WorkerLost(ATTEMPT, "gone"));
        triggers.put("given back (evicted)", failed(FailureCategory.EVICTED));
        triggers.put("out of memory", failed(FailureCategory.OUT_OF_MEMORY));
        triggers.put("any other failure", failed(FailureCategory.NODE_ERROR));
        triggers.put("stopped by its worker", new JobTrigger.Stopped(ATTEMPT));
        triggers.put("report of another attempt", new JobTrigger.Succeeded("another", List.of(), 1));
        triggers.put("cancel", new JobTrigger.CancelRequested());
        triggers.put("cancel not confirmed in time", new JobTrigger.CancelOverdue());
        triggers.put("time is up", new JobTrigger.TimeUp(GRACE));
        triggers.put("another priority", new JobTrigger.Reprioritized(Priority.HIGH));
        return triggers;
    }

    private static Map<String, List<JobState>> states() {
        Map<String, List<JobState>> states = new LinkedHashMap<>();
        states.put("queued", List.of(new JobState.Queued(NOW, false)));
        states.put("running", List.of(new JobState.Running(HOLD)));
        states.put("canceling", List.of(new JobState.Canceling(HOLD, NOW)));
        states.put(
                "ended",
                List.of(
                        new JobState.Succeeded(NOW, List.of(), 1L),
                        new JobState.Failed(NOW, failure(FailureCategory.INTERNAL)),
                        new JobState.Canceled(NOW),
                        new JobState.Expired(NOW, failure(FailureCategory.TIMEOUT))));
        return states;
    }

    @Test
    void writesTheTable() throws IOException {
        Map<String, List<JobState>> states = states();
        StringBuilder table = new StringBuilder("| event \\ state | ")
                .append(String.join(" | ", states.keySet()))
                .append(" |\n|---|")
                .append("---|".repeat(states.size()))
                .append('\n');
        triggers().forEach((name, trigger) -> {
            table.append("| ").append(name);
            states.values()
                    .forEach(variants -> table.append(" | ").append(String.join(" or ", follows(variants, trigger))));
            table.append(" |\n");
        });
        Files.writeString(Path.of("target", "transitions.md"), table);

        assertThat(table)
                .contains("| cancel | canceled | canceling | - | - |")
                .contains("| success | ignored | succeeded | canceled | - |");
    }

    @Test
    void knowsEveryTriggerAndEveryState() {
        assertThat(triggers().values().stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(records(JobTrigger.class).toList());
        assertThat(states().values().stream().flatMap(List::stream).map(Object::getClass))
                .containsExactlyInAnyOrderElementsOf(records(JobState.class).toList());
    }

    private static Set<String> follows(List<JobState> variants, JobTrigger trigger) {
        Set<String> results = new LinkedHashSet<>();
        for (JobState state : variants) {
            for (Case one : CASES) {
                results.add(
                        switch (job(state, one).on(trigger, one.now(), RULES)) {
                            case Changed changed ->
                                changed.next().state().status().toString();
                            case Unchanged unchanged ->
                                switch (unchanged.reason()) {
                                    case FENCED -> "ignored";
                                    case ENDED, NOT_APPLICABLE -> NOTHING;
                                };
                        });
            }
        }
        if (results.remove(NOTHING)) {
            results.add(NOTHING);
        }
        return results;
    }

    private static Job job(JobState state, Case one) {
        JobLimits limits = new JobLimits(
                Duration.ofSeconds(1000),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1000),
                DEADLINE);
        boolean waits = state instanceof JobState.Queued;
        return new Job(
                "j",
                "t",
                one.pool(),
                Priority.NORMAL,
                null,
                Map.of(),
                null,
                null,
                limits,
                NOW,
                waits ? null : NOW,
                5,
                waits ? 0 : 1,
                one.failures(),
                one.lostWorkers(),
                false,
                state);
    }

    private static JobTrigger failed(FailureCategory category) {
        return new JobTrigger.Failed(ATTEMPT, failure(category));
    }

    private static Failure failure(FailureCategory category) {
        return Failure.of(ErrorCode.INTERNAL_ERROR, category, "x");
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Arrays.stream(type.getPermittedSubclasses()).flatMap(TransitionTableTests::records);
    }
}
