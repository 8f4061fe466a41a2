package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.job.claim.ClaimAttempt;
import dev.comfygateway.job.claim.RenewLeases;
import dev.comfygateway.job.report.ApplyAttemptReport;
import dev.comfygateway.job.submission.CancelJob;
import dev.comfygateway.job.submission.ReprioritizeJob;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import reactor.core.publisher.Mono;

/**
 * The rules that {@code JobPropertyTests} tries on the state machine, kept by the tables while several threads do random
 * things to the same job. What they do is repeatable by its seed; how they interleave is not.
 */
class JobInterleavingTests extends JobServiceScenario {

    private static final int ROUNDS = 30;
    private static final int THREADS = 6;
    private static final int STEPS = 10;
    private static final List<Priority> PRIORITIES = List.of(Priority.values());

    @Autowired
    private ClaimAttempt claimAttempt;

    @Autowired
    private RenewLeases renewLeases;

    @Autowired
    private ApplyAttemptReport applyReport;

    @Autowired
    private CancelJob cancelJob;

    @Autowired
    private ReprioritizeJob reprioritizeJob;

    private final List<AttemptRef> attempts = new CopyOnWriteArrayList<>();

    @Test
    @Proves({"X-6", "X-10"})
    void theTablesKeepTheRules() {
        for (int round = 0; round < ROUNDS; round++) {
            attempts.clear();
            String id = id(submit(graph(""), null, 202));
            long seed = Long.getLong("sequences.seed", new Random().nextLong());
            List<CompletableFuture<Void>> threads = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                Random random = new Random(seed + thread);
                threads.add(CompletableFuture.runAsync(
                        () -> {
                            for (int step = 0; step < STEPS; step++) {
                                step(random, id).block();
                            }
                        },
                        EACH_ITS_OWN_THREAD));
            }
            threads.forEach(CompletableFuture::join);
            check(id, seed);
            exchange("POST", "/v1/jobs/" + id + "/cancel", user(), null, null);
        }
    }

    private Mono<?> step(Random random, String id) {
        return switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> claimAttempt.handle(request()).doOnNext(this::note);
            case 5 -> random.nextInt(6) == 0 ? cancelJob.handle(id, user()) : Mono.empty();
            case 6 -> reprioritizeJob.handle(id, PRIORITIES.get(random.nextInt(PRIORITIES.size())), user());
            case 7 ->
                random.nextInt(4) == 0
                        ? renewLeases.handle(new LeaseRenewal(worker, "i" + random.nextInt(2), pool, List.of()))
                        : Mono.empty();
            default -> report(random);
        };
    }

    private Mono<?> report(Random random) {
        if (attempts.isEmpty()) {
            return Mono.empty();
        }
        // Mostly the newest, by several at once; else an old one, which must not matter any more.
        int back = random.nextInt(4) > 0 ? 0 : random.nextInt(10);
        AttemptRef ref = attempts.get(Math.max(0, attempts.size() - 1 - back));
        AttemptReport report = switch (random.nextInt(16)) {
            case 0 -> new AttemptSucceeded(ref, 1, Instant.now(), List.of(output()), 1);
            case 1 -> new AttemptCanceled(ref, 1, Instant.now());
            case 2 ->
                new AttemptFailed(ref, 1, Instant.now(), failure(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST));
            default ->
                new AttemptFailed(ref, 1, Instant.now(), failure(ErrorCode.ATTEMPT_EVICTED, FailureCategory.EVICTED));
        };
        return applyReport.handle(report);
    }

    private ClaimRequest request() {
        return new ClaimRequest(UUID.randomUUID().toString(), worker, "i1", pool, null, null, List.of(), null);
    }

    private void note(ClaimAnswer answer) {
        if (answer.grant() != null) {
            attempts.add(ref(answer.grant()));
        }
    }

    private void check(String id, long seed) {
        String why = "seed " + seed + ", job " + id;
        Map<String, Object> job =
                row("select status, event_seq, attempts, failures, attempt_id from jobs.job where id = :id", id);
        List<Map<String, Object>> events =
                rows("select seq, type from jobs.job_event where job_id = :id order by seq", id);
        List<Map<String, Object>> tried =
                rows("select id, number, ended_at from jobs.attempt where job_id = :id order by number", id);
        String status = String.valueOf(job.get("status"));

        assertThat(events.stream().map(event -> event.get("seq")))
                .as(why)
                .containsExactlyElementsOf(
                        numbers(events.size()).stream().map(Integer::longValue).toList());
        assertThat(job.get("event_seq")).as(why).isEqualTo((long) events.size());
        List<String> types =
                events.stream().map(event -> (String) event.get("type")).toList();
        long outcomes = types.stream()
                .filter(type -> type.matches("job\\.(succeeded|failed|canceled|expired)\\.v1"))
                .count();
        boolean ended = !List.of("queued", "running", "canceling").contains(status);
        assertThat(outcomes).as(why).isEqualTo(ended ? 1 : 0);
        if (ended) {
            assertThat(types).as(why).last().isEqualTo("job." + status + ".v1");
        }
        int cancel = types.indexOf("job.cancel-requested.v1");
        if (cancel >= 0) {
            assertThat(types.subList(cancel + 1, types.size())).as(why).isSubsetOf("job.canceled.v1");
        }
        assertThat(tried.stream().map(attempt -> attempt.get("number")))
                .as(why)
                .containsExactlyElementsOf(numbers(tried.size()));
        assertThat(tried.stream()
                        .filter(attempt -> attempt.get("ended_at") == null)
                        .map(attempt -> attempt.get("id")))
                .as(why + ": only the attempt that holds the job goes on")
                .containsExactlyElementsOf(job.get("attempt_id") == null ? List.of() : List.of(job.get("attempt_id")));
        assertThat(job.get("attempt_id") != null)
                .as(why)
                .isEqualTo(status.equals("running") || status.equals("canceling"));
        assertThat(job.get("attempts")).as(why).isEqualTo(tried.size());
        assertThat((Integer) job.get("failures")).as(why).isLessThanOrEqualTo(3);
    }

    private static List<Integer> numbers(int last) {
        return IntStream.rangeClosed(1, last).boxed().toList();
    }

    private Map<String, Object> row(String sql, String id) {
        return rows(sql, id).getFirst();
    }

    private List<Map<String, Object>> rows(String sql, String id) {
        return Objects.requireNonNull(
                database.sql(sql).bind("id", id).fetch().all().collectList().block());
    }
}
