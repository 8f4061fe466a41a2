package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.testing.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.JsonNode;

/** Limits of keys and queues, and pools with other policies. */
@TestPropertySource(
        properties = {
            "comfy.job.quota.keys.few-parallel.parallel=2",
            "comfy.job.quota.keys.crowded.parallel=20",
            "comfy.job.quota.keys.one.parallel=2",
            "comfy.job.quota.keys.another.parallel=2",
            "comfy.job.quota.keys.few-queued.queued=3",
            "comfy.job.quota.keys.few-daily.per-day=4",
            "comfy.job.scheduling.max-depth=50",
            "comfy.job.scheduling.policies.small=fifo",
            "comfy.job.scheduling.policies.large=round_robin"
        })
class QuotaTests extends JobServiceScenario {

    /** More than the pool has connections. */
    private static final int AT_ONCE = 30;

    @Autowired
    private ParallelLimits limits;

    @Autowired
    private JobTable jobs;

    @Test
    void runsNoMoreOfAKeyAtOnceThanItMay() throws Exception {
        Caller few = key("few-parallel");
        for (int i = 0; i < 6; i++) {
            submitAs(few, graph(""));
        }
        String other = submitAs(key("any"), graph(",\"priority\":\"low\""));

        List<Grant> grants = new ArrayList<>(atOnce(i -> claim("c" + i)).stream()
                .map(ClaimAnswer::grant)
                .filter(Objects::nonNull)
                .toList());
        assertThat(grants).filteredOn(grant -> !grant.jobId().equals(other)).hasSizeLessThanOrEqualTo(2);
        // Of claims at the very same moment one decides about a key; the others may have left it out.
        for (int i = 0; i < 3; i++) {
            submitAs(key("any"), graph(",\"priority\":\"low\""));
            grants.add(granted(claim("d" + i)));
        }
        assertThat(grants)
                .filteredOn(grant -> few.subject().equals(submitter(grant)))
                .hasSize(2);

        Grant mine = grants.stream()
                .filter(grant -> few.subject().equals(submitter(grant)))
                .findFirst()
                .orElseThrow();
        report(new AttemptSucceeded(ref(mine), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(mine.jobId(), "succeeded");
        List<Grant> later = new ArrayList<>();
        for (ClaimAnswer answer = claim("later"); answer.grant() != null; answer = claim("later" + later.size())) {
            later.add(granted(answer));
        }
        assertThat(later)
                .filteredOn(grant -> few.subject().equals(submitter(grant)))
                .hasSize(1);
    }

    @Test
    void answersMoreClaimsAtOnceThanItHasConnections() throws Exception {
        Caller crowded = key("crowded");
        for (int i = 0; i < AT_ONCE; i++) {
            submitAs(crowded, graph(""));
        }

        // Claims that kept a connection while they wait for another would not be answered with 200.
        assertThat(atOnce(i -> claim("c" + i))).hasSize(AT_ONCE).anyMatch(answer -> answer.grant() != null);
    }

    @Test
    void letsARepeatedClaimWaitForWhatItsOriginalIsGranting() {
        Sinks.One<String> grant = Sinks.one();
        CompletableFuture<Boolean> granting = new CompletableFuture<>();
        CompletableFuture<@Nullable String> original = limits.within(
                        "few-parallel",
                        tenant,
                        grant.asMono().doOnSubscribe(subscription -> granting.complete(true)),
                        () -> granting.complete(false))
                .toFuture();
        assertThat(granting.join()).isTrue();

        CompletableFuture<@Nullable Void> again = jobs.awaitClaim(tenant).toFuture();
        await().atMost(Duration.ofSeconds(10)).until(() -> waitingLocks() == 1);
        assertThat(again).isNotDone();

        grant.tryEmitValue("granted");
        assertThat(original.join()).isEqualTo("granted");
        again.join();
    }

    private long waitingLocks() {
        return Objects.requireNonNull(
                database.sql("select count(*) from pg_locks where locktype = 'advisory' and not granted")
                        .map(row -> Objects.requireNonNull(row.get(0, Long.class)))
                        .one()
                        .block());
    }

    @Test
    void letsClaimsThatMeetTheSameKeysInAnotherOrderPass() throws Exception {
        String other = anotherPool();
        Caller one = key("one");
        Caller another = key("another");
        for (int i = 0; i < AT_ONCE; i++) {
            submitAs(i % 2 == 0 ? one : another, graphIn(pool, "normal"));
            submitAs(i % 2 == 0 ? another : one, graphIn(other, "normal"));
        }

        List<Grant> grants = new ArrayList<>();
        for (int round = 0; round < 5; round++) {
            String claims = "c" + round + "-";
            // Claims that waited for each other would be ended by the database, and not be answered with 200.
            atOnce(i -> claim(i % 2 == 0 ? pool : other, claims + i)).stream()
                    .map(ClaimAnswer::grant)
                    .filter(Objects::nonNull)
                    .forEach(grants::add);
        }

        assertThat(grants).extracting(this::submitter).containsExactlyInAnyOrder("one", "one", "another", "another");
    }

    @Test
    void refusesMoreWaitingJobsThanAKeyMayHaveEvenAtOnce() throws Exception {
        Caller few = key("few-queued");
        List<Integer> answers = atOnce(i -> status(few, graph(""), "k" + i));
        assertThat(answers).filteredOn(status -> status == 202).hasSize(3);
        assertThat(answers).filteredOn(status -> status == 429).hasSize(AT_ONCE - 3);
        assertThat(call("POST", "/v1/jobs", few, graph(""), null, 429)
                        .at("/code")
                        .asString())
                .isEqualTo("QUOTA_EXCEEDED");

        granted(claim("1"));
        submitAs(few, graph(""));
    }

    @Test
    void countsEachJobOfADayOnceHoweverOftenItIsSent() {
        Caller few = key("few-daily");
        for (int i = 0; i < 4; i++) {
            for (int again = 0; again < 3; again++) {
                assertThat(status(few, graph(""), "once-" + i)).isEqualTo(202);
            }
        }
        assertThat(status(few, graph(""), "once-4")).isEqualTo(429);
        // What was answered before is answered again.
        assertThat(status(few, graph(""), "once-3")).isEqualTo(202);
    }

    @Test
    @Proves("S1-44")
    void refusesWhenThePoolsQueueIsFull() {
        int taken = 0;
        JsonNode refused = null;
        while (refused == null) {
            var answer = exchange("POST", "/v1/jobs", key("any"), graph(""), null);
            if (answer.getStatus().value() == 429) {
                refused = json.readTree(Objects.requireNonNull(answer.getResponseBody()));
            } else {
                assertThat(answer.getStatus().value()).isEqualTo(202);
                taken++;
            }
        }
        assertThat(refused.at("/code").asString()).isEqualTo("QUEUE_FULL");
        assertThat(taken).isEqualTo(50);
        granted(claim("1"));
        submitAs(key("any"), graph(""));
    }

    @Test
    @Proves("S1-42")
    void takesJobsByTheirPoolsPolicy() {
        Caller one = Caller.user("k1", tenant + "-1", Role.USER);
        Caller two = Caller.user("k2", tenant + "-2", Role.USER);
        List<String> fifo = List.of(
                submitAs(one, graphIn("small", "low")),
                submitAs(two, graphIn("small", "high")),
                submitAs(one, graphIn("small", "normal")));
        assertThat(List.of(
                        granted(claim("small", "1")).jobId(),
                        granted(claim("small", "2")).jobId(),
                        granted(claim("small", "3")).jobId()))
                .isEqualTo(fifo);

        List<String> ones =
                List.of(submitAs(one, graphIn("large", "normal")), submitAs(one, graphIn("large", "normal")));
        String twos = submitAs(two, graphIn("large", "normal"));
        assertThat(List.of(
                        granted(claim("large", "4")).jobId(),
                        granted(claim("large", "5")).jobId(),
                        granted(claim("large", "6")).jobId()))
                .containsExactly(ones.getFirst(), twos, ones.getLast());
    }

    private interface Numbered<T> {
        T of(int number);
    }

    private static <T> List<T> atOnce(Numbered<T> call) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<T>> calls = new ArrayList<>();
            for (int i = 0; i < AT_ONCE; i++) {
                int number = i;
                calls.add(() -> call.of(number));
            }
            List<T> answers = new ArrayList<>();
            for (Future<T> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
            return answers;
        }
    }

    private String submitter(Grant grant) {
        return Objects.requireNonNull(database.sql("select submitted_by from jobs.job where id = :id")
                .bind("id", grant.jobId())
                .map(row -> Objects.requireNonNull(row.get(0, String.class)))
                .one()
                .block());
    }

    private Caller key(String id) {
        return Caller.user(id, tenant, Role.USER);
    }

    private int status(Caller caller, String body, String idempotencyKey) {
        return exchange("POST", "/v1/jobs", caller, body, idempotencyKey + tenant)
                .getStatus()
                .value();
    }

    private String submitAs(Caller caller, String body) {
        return id(call("POST", "/v1/jobs", caller, body, UUID.randomUUID().toString(), 202));
    }

    private static String graphIn(String pool, String priority) {
        return "{\"workflow\":{\"1\":{\"class_type\":\"X\",\"inputs\":{}}},\"pool\":\"" + pool + "\",\"priority\":\""
                + priority + "\"}";
    }
}
