package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.attempt.AttemptReport.ExecutionStarted;
import dev.comfygateway.contract.attempt.AttemptReport.Progressed;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.PreviewsRequested;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import dev.comfygateway.testing.Proves;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * The service as its clients and workers see it.
 *
 * <p>A subclass may bring other servers.
 */
class JobServiceTests extends JobServiceScenario {

    @Test
    @Proves({"S0-6", "S0-8", "S2-7"})
    void takesAJobAndShowsIt() {
        String body = """
                {"workflowId":"invert","inputs":{"width":32},"params":{"height":16},"metadata":{"userId":"u1"},"pool":"%s",
                 "callbackUrl":"https://hooks.example.com/x","unknown":1}""".formatted(pool);
        JsonNode job = submit(body, null, 202);

        assertThat(id(job)).matches("j_[0-9a-f]{32}");
        assertThat(job.at("/status").asString()).isEqualTo("queued");
        assertThat(job.at("/workflowId").asString()).isEqualTo("invert");
        assertThat(job.at("/metadata/userId").asString()).isEqualTo("u1");
        assertThat(job.at("/timing/createdAt").asString()).isNotEmpty();
        assertThat(job.at("/error").isNull()).isTrue();
        assertThat(get("/v1/jobs/" + id(job), 200).at("/pollUrl").asString()).isEqualTo("/v1/jobs/" + id(job));
        assertThat(call("GET", "/v1/jobs/" + id(job), Caller.user("k", "other", Role.USER), null, null, 404)
                        .at("/code")
                        .asString())
                .isEqualTo("JOB_NOT_FOUND");
        assertThat(get("/internal/jobs/" + id(job) + "/events", 200)
                        .at("/events/0/type")
                        .asString())
                .isEqualTo("job.submitted.v1");
    }

    @Test
    void keepsOrderAndLargeIntegersOfAGraph() {
        String body = """
                {"pool":"%s","workflow":{"9":{"class_type":"B","inputs":{"seed":18446744073709551615,"a":1.50}},
                "1":{"class_type":"A","inputs":{}}}}""".formatted(pool);
        submit(body, null, 202);
        Map<String, Object> graph = granted(claim("c1")).workflow();
        assertThat(graph.keySet()).containsExactly("9", "1");
        assertThat(json.valueToTree(graph).at("/9/inputs/seed").bigIntegerValue())
                .isEqualTo(new BigInteger("18446744073709551615"));
    }

    @Test
    @Proves({"S0-7", "X-20"})
    void givesOneJobPerIdempotencyKey() {
        String body = graph("");
        String first = id(submit(body, "key", 202));
        assertThat(id(submit(body, "key", 202))).isEqualTo(first);
        assertThat(submit(graph(",\"priority\":\"high\""), "key", 422)
                        .at("/code")
                        .asString())
                .isEqualTo("IDEMPOTENCY_KEY_REUSED");

        String named = graph(",\"metadata\":{\"requestId\":\"r1\"}");
        assertThat(id(submit(named, null, 202))).isEqualTo(id(submit(named, null, 202)));

        List<CompletableFuture<String>> pair =
                List.of(atOnce(() -> id(submit(body, "pair", 202))), atOnce(() -> id(submit(body, "pair", 202))));
        assertThat(pair.getFirst().join()).isEqualTo(pair.getLast().join());
        assertThat(get("/v1/jobs", 200).at("/count").asInt()).isEqualTo(3);
    }

    @Test
    @Proves({"S0-26", "S0-57"})
    void refusesWhatCannotRun() {
        assertThat(submit("{\"workflowId\":\"nope\"}", null, 404).at("/code").asString())
                .isEqualTo("WORKFLOW_NOT_FOUND");
        JsonNode host = submit(graph(",\"callbackUrl\":\"https://evil.test/x\""), null, 400);
        assertThat(host.at("/code").asString()).isEqualTo("CALLBACK_NOT_ALLOWED");
        assertThat(host.at("/message").asString())
                .isEqualTo("Callback domain \"evil.test\" is not in the allowed domains list");
        assertThat(submit("{\"workflow\":{\"1\":{\"class_type\":\"X\"}}}", null, 400)
                        .at("/errors/0/pointer")
                        .asString())
                .isEqualTo("/workflow/1/inputs");
        assertThat(submit(
                                "{\"workflow\":{\"1\":{\"class_type\":\"LoadImage\",\"inputs\":{\"image\":\"a.png\"}}}}",
                                null,
                                400)
                        .at("/errors/0/pointer")
                        .asString())
                .isEqualTo("/workflow/1/inputs/image");
        submit("[]", null, 400);
        submit("{", null, 400);
        submit("{\"workflowId\":5}", null, 400);
        submit(graph(",\"metadata\":[]"), null, 400);
        submit("{\"workflowId\":\"resize\",\"inputs\":{\"image\":\"" + Ids.newAssetId() + "\"}}", null, 503);
        get("/v1/jobs?limit=0", 400);
        get("/v1/jobs?status=odd", 400);
    }

    @Test
    void tellsTheWorkerOfARunningJobThatSomebodyWatches() {
        String id = id(submit(graph(""), null, 202));
        String path = "/internal/jobs/" + id + "/previews";
        call("POST", path, user(), null, null, 204);
        Grant grant = granted(claim("c1"));
        call("POST", path, Caller.user("k", "other", Role.USER), null, null, 404);
        call("POST", path, user(), null, null, 204);

        List<PreviewsRequested> wishes = new ArrayList<>();
        read(
                Topics.JOBS_CONTROL,
                1,
                message -> codec.decode(message)
                        .filter(event -> event.data() instanceof PreviewsRequested wish
                                && wish.jobId().equals(id))
                        .map(event -> wishes.add((PreviewsRequested) event.data()))
                        .isPresent());

        assertThat(wishes).singleElement().satisfies(wish -> {
            assertThat(wish.attemptId()).isEqualTo(grant.attemptId());
            assertThat(wish.workerId()).isEqualTo(worker);
            assertThat(wish.until()).isAfter(Instant.now().plusSeconds(20));
        });
    }

    @Test
    void listsNewestFirstPageByPage() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ids.addFirst(id(submit(graph(""), null, 202)));
        }
        JsonNode first = get("/v1/jobs?limit=2&status=queued,running", 200);
        assertThat(first.at("/count").asInt()).isEqualTo(3);
        JsonNode second =
                get("/v1/jobs?limit=2&cursor=" + first.at("/nextCursor").asString(), 200);
        assertThat(List.of(id(first.at("/jobs/0")), id(first.at("/jobs/1")), id(second.at("/jobs/0"))))
                .isEqualTo(ids);
        assertThat(second.at("/nextCursor").isNull()).isTrue();
    }

    @Test
    void grantsByPriorityThenByAgeAndRepeatsAGrant() {
        String low = id(submit(graph(",\"priority\":\"low\""), null, 202));
        String one = id(submit(graph(""), null, 202));
        String two = id(submit(graph(""), null, 202));
        String high = id(submit(graph(",\"priority\":\"high\""), null, 202));

        Grant first = granted(claim("p1"));
        Grant again = granted(claim("p1"));
        assertThat(again.attemptId()).isEqualTo(first.attemptId());
        assertThat(List.of(
                        first.jobId(),
                        granted(claim("p2")).jobId(),
                        granted(claim("p3")).jobId(),
                        granted(claim("p4")).jobId()))
                .containsExactly(high, one, two, low);
        assertThat(claim("p5").reason()).isEqualTo("QUEUE_EMPTY");
        assertThat(granted(claim("p1")).attemptId())
                .as("repeated over an empty queue")
                .isEqualTo(first.attemptId());
        assertThat(tokens.verify(first.storageTicket()).orElseThrow().attemptId())
                .isEqualTo(first.attemptId());
    }

    @Test
    @Proves("S0-10")
    void endsWithTheReportedOutputsOnce() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c"));
        AttemptRef ref = ref(grant);
        report(new ExecutionStarted(ref, ++n, Instant.now(), "p", new NodeCount(0, 4)));
        report(new Progressed(ref, ++n, Instant.now(), "3", "KSampler", 1, 2, new NodeCount(1, 4), 0.5));
        await().untilAsserted(() -> {
            JsonNode job = get("/v1/jobs/" + id, 200);
            assertThat(job.at("/attempt/phase").asString()).isEqualTo("executing");
            assertThat(job.at("/progress/percent").asDouble()).isEqualTo(50.0);
            assertThat(job.at("/progress/currentClass").asString()).isEqualTo("KSampler");
        });
        AttemptReport success = new AttemptSucceeded(ref, ++n, Instant.now(), List.of(output()), 1234);
        report(success);
        report(success);
        report(new AttemptFailed(
                ref, ++n, Instant.now(), Failure.of(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, "late")));
        awaitStatus(id, "succeeded");

        JsonNode job = get("/v1/jobs/" + id, 200);
        assertThat(job.at("/outputs/0/filename").asString()).isEqualTo("a.png");
        assertThat(job.at("/outputs/0/url").isNull()).isTrue();
        assertThat(job.at("/outputs/0/contentUrl").asString()).startsWith("/v1/assets/as_");
        assertThat(job.at("/timing/executionTimeMs").asLong()).isEqualTo(1234);
        for (String time : List.of("createdAt", "startedAt", "completedAt")) {
            assertThat(Instant.parse(job.at("/timing/" + time).asString()))
                    .isBefore(Instant.now().plusSeconds(5));
        }
        barrier();
        JsonNode events = get("/internal/jobs/" + id + "/events?after=1", 200);
        assertThat(events.at("/events").findValuesAsString("type"))
                .containsExactly("job.started.v1", "job.succeeded.v1");
        assertThat(events.at("/terminal").asBoolean()).isTrue();
        assertThat(call("POST", "/v1/jobs/" + id + "/cancel", user(), null, null, 409)
                        .at("/code")
                        .asString())
                .isEqualTo("JOB_NOT_CANCELABLE");
    }

    @Test
    @Proves("X-10")
    void refusesTheResultOfAWorkerThatLostItsLease() {
        String id = id(submit(graph(""), null, 202));
        Grant lost = granted(claim("c1"));
        database.sql("update jobs.attempt set lease_until = now() - interval '1 s' where id = :id")
                .bind("id", lost.attemptId())
                .then()
                .block();
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                get("/v1/jobs/" + id, 200).at("/status").asString())
                        .isEqualTo("queued"));
        Grant next = granted(claim("c2"));
        assertThat(next.number()).isEqualTo(2);

        report(new AttemptSucceeded(ref(lost), 1, Instant.now(), List.of(output()), 1));
        barrier();
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("running");
        assertThat(renew("i1", List.of(lost.attemptId(), next.attemptId())))
                .isEqualTo(new LeaseAnswer(List.of(next.attemptId()), List.of(), List.of(lost.attemptId()), 30, false));
        report(new AttemptSucceeded(ref(next), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(id, "succeeded");
    }

    @Test
    @Proves("S2-58")
    void requeuesAtOnceWhenAWorkerRestarts() {
        String id = id(submit(graph(""), null, 202));
        Grant old = granted(claim("c1"));
        assertThat(renew("i2", List.of()).renewed()).isEmpty();
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("queued");
        assertThat(renew("i1", List.of(old.attemptId())).ended()).containsExactly(old.attemptId());
        granted(claim("c2"));
        renew("i3", List.of());
        assertThat(get("/v1/jobs/" + id, 200).at("/error/code").asString()).isEqualTo("QUARANTINED");
    }

    @Test
    @Proves("S0-11")
    void failsWithTheReportedErrorOrTriesAgain() {
        String id = id(submit(graph(""), null, 202));
        Grant first = granted(claim("c1"));
        report(new AttemptFailed(
                ref(first), 1, Instant.now(), Failure.of(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, "lost")));
        awaitStatus(id, "queued");
        await().until(() -> claim("c" + UUID.randomUUID()).grant() != null);
        AttemptRef second = new AttemptRef(
                id, get("/v1/jobs/" + id, 200).at("/attempt/attemptId").asString(), 2, worker);
        report(new AttemptFailed(
                second,
                1,
                Instant.now(),
                Failure.of(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, "bad node")));
        awaitStatus(id, "failed");
        JsonNode job = get("/v1/jobs/" + id, 200);
        assertThat(job.at("/error/code").asString()).isEqualTo("COMFYUI_NODE_ERROR");
        assertThat(job.at("/error/message").asString()).isEqualTo("bad node");
        assertThat(job.at("/error/retryable").asBoolean()).isFalse();
        assertThat(job.at("/attempts").asInt()).isEqualTo(2);
    }

    @Test
    void cancelsAWaitingJobAtOnce() {
        String id = id(submit(graph(""), null, 202));
        assertThat(cancel(id)).isEqualTo("canceled");
        assertThat(cancel(id)).isEqualTo("canceled");
        assertThat(claim("c1").grant()).isNull();
        call("POST", "/v1/jobs/" + Ids.newJobId() + "/cancel", user(), null, null, 404);
        call("POST", "/v1/jobs/" + id + "/cancel", Caller.user("k", "other", Role.USER), null, null, 404);
    }

    @Test
    @Proves("X-6")
    void cancelsARunningJobByWayOfItsWorker() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c1"));
        assertThat(cancel(id)).isEqualTo("canceling");
        assertThat(cancel(id)).isEqualTo("canceling");
        assertThat(renew("i1", List.of(grant.attemptId())).stop()).containsExactly(grant.attemptId());
        report(new AttemptCanceled(ref(grant), 1, Instant.now()));
        awaitStatus(id, "canceled");
        assertThat(renew("i1", List.of(grant.attemptId())).ended()).containsExactly(grant.attemptId());
        report(new AttemptFailed(
                ref(grant), 2, Instant.now(), Failure.of(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, "late")));
        report(new AttemptSucceeded(ref(grant), 3, Instant.now(), List.of(output()), 1));
        barrier();
        renew("i2", List.of());
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("canceled");
        assertThat(claim("c2").grant()).isNull();
    }

    @Test
    void endsACancelThatNobodyConfirms() {
        String id = id(submit(graph(""), null, 202));
        granted(claim("c1"));
        assertThat(cancel(id)).isEqualTo("canceling");
        awaitStatus(id, "canceled");
    }

    @Test
    void publishesTheEventsOfAJobInOrder() {
        String id = id(submit(graph(""), null, 202));
        granted(claim("c1"));
        cancel(id);
        List<String> ids = new ArrayList<>();
        read(Topics.JOBS_PROGRESS, 12, message -> {
            if (message.key().equals(id)) {
                ids.add(new String(message.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
            }
            return ids.size() == 3;
        });
        assertThat(ids).containsExactly(id + ":1", id + ":2", id + ":3");
        List<String> offered = new ArrayList<>();
        read(Topics.requested(pool), 1, message -> offered.add(message.key()));
        assertThat(offered).contains(id);
        List<String> outcomes = new ArrayList<>();
        read(Topics.JOBS_COMPLETED, 12, message -> message.key().equals(id) && outcomes.add(message.key()));
        assertThat(outcomes).hasSize(1);
        await().untilAsserted(() -> assertThat(database.sql("select id from jobs.outbox where key = :id")
                        .bind("id", id)
                        .fetch()
                        .all()
                        .collectList()
                        .block())
                .isEmpty());
    }

    @Test
    void offersAgainWhatIdleWorkersDidNotHearOf() {
        String id = id(submit(graph(""), null, 202));
        AtomicInteger offers = new AtomicInteger();
        read(Topics.requested(pool), 1, message -> {
            send(
                    Topics.WORKERS_HEARTBEAT,
                    worker,
                    new WorkerHeartbeat(
                            worker,
                            "i1",
                            pool,
                            WorkerState.IDLE,
                            1,
                            1,
                            0,
                            true,
                            null,
                            null,
                            null,
                            null,
                            null,
                            Instant.now()));
            return message.key().equals(id) && offers.incrementAndGet() == 2;
        });
        assertThat(offers.get()).isEqualTo(2);
    }

    @Test
    void putsUnreadableReportsAside() {
        kafka.send(Topics.JOBS_PROGRESS, "j_x", "junk".getBytes(StandardCharsets.UTF_8))
                .join();
        List<String> dead = new ArrayList<>();
        read(Topics.JOBS_PROGRESS + Topics.DLT_SUFFIX, 1, message -> dead.add(message.key()));
        assertThat(dead).contains("j_x");
    }
}
