package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.attempt.AttemptReport.ExecutionStarted;
import dev.comfygateway.contract.attempt.AttemptReport.NodeFinished;
import dev.comfygateway.contract.attempt.AttemptReport.NodeStarted;
import dev.comfygateway.contract.attempt.AttemptReport.OutputStored;
import dev.comfygateway.contract.attempt.AttemptReport.Progressed;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.report.Execution;
import dev.comfygateway.job.report.NodeTime;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is told about a job afterwards, and what is not. */
class JobLogTests extends JobServiceScenario {

    private static final NodeCount COUNT = new NodeCount(1, 3);

    private JsonNode log(String id) {
        return get("/v1/jobs/" + id + "/logs", 200);
    }

    private void started(AttemptRef ref) {
        report(new ExecutionStarted(ref, ++n, Instant.now(), "p", COUNT));
    }

    private void node(AttemptRef ref, String id, String nodeClass) {
        report(new NodeStarted(ref, ++n, Instant.now(), id, nodeClass, COUNT));
        report(new NodeFinished(ref, ++n, Instant.now().plusMillis(40), id, nodeClass, false, COUNT));
    }

    private static List<String> events(JsonNode log) {
        return log.at("/timeline").findValuesAsString("event");
    }

    @Test
    @Proves("S0-12")
    void tellsEverythingOfAShortJobAsSoonAsItHasEnded() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        started(ref);
        report(new NodeFinished(ref, ++n, Instant.now(), "4", "CheckpointLoaderSimple", true, COUNT));
        report(new NodeStarted(ref, ++n, Instant.now(), "3", "KSampler", COUNT));
        report(new Progressed(ref, ++n, Instant.now(), "3", "KSampler", 20, 20, COUNT, 0.5));
        report(new NodeFinished(ref, ++n, Instant.now().plusMillis(40), "3", "KSampler", false, COUNT));
        node(ref, "9", "SaveImage");
        report(new OutputStored(ref, ++n, Instant.now(), output()));
        report(new AttemptSucceeded(ref, ++n, Instant.now(), List.of(output()), 120));
        awaitStatus(id, "succeeded");

        JsonNode log = log(id);
        assertThat(log.at("/jobId").asString()).isEqualTo(id);
        assertThat(log.at("/status").asString()).isEqualTo("succeeded");
        JsonNode attempt = log.at("/attempts/0");
        assertThat(attempt.at("/number").asInt()).isEqualTo(1);
        assertThat(attempt.at("/workerId").asString()).isEqualTo(worker);
        assertThat(attempt.at("/endReason").asString()).isEqualTo("SUCCEEDED");
        assertThat(attempt.at("/outputsStored").asInt()).isEqualTo(1);
        assertThat(attempt.has("failure")).isFalse();
        for (String time : List.of("grantedAt", "startedAt", "endedAt")) {
            assertThat(Instant.parse(attempt.at("/" + time).asString()))
                    .as(time)
                    .isBefore(Instant.now().plusSeconds(5));
        }
        assertThat(attempt.at("/nodes").findValuesAsString("nodeId")).containsExactly("4", "3", "9");
        JsonNode cached = attempt.at("/nodes/0");
        assertThat(cached.at("/cached").asBoolean()).isTrue();
        assertThat(cached.at("/startedAt").isNull()).isTrue();
        assertThat(cached.at("/durationMs").asLong()).isZero();
        JsonNode sampler = attempt.at("/nodes/1");
        assertThat(sampler.at("/nodeClass").asString()).isEqualTo("KSampler");
        assertThat(sampler.at("/cached").asBoolean()).isFalse();
        assertThat(sampler.at("/durationMs").asLong()).isGreaterThanOrEqualTo(40);
        assertThat(sampler.at("/stepsDone").asInt()).isEqualTo(20);
        assertThat(sampler.at("/steps").asInt()).isEqualTo(20);
        assertThat(events(log)).containsExactly("queued", "running", "executing", "attempt-ended", "succeeded");
        assertThat(log.at("/timeline").findValuesAsString("seq")).containsExactly("1", "2", "3");
    }

    @Test
    void tellsTheNodesOfARunningAttempt() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        started(ref);
        node(ref, "3", "KSampler");
        await().untilAsserted(() -> assertThat(
                        log(id).at("/attempts/0/nodes/0/endedAt").asString(""))
                .isNotEmpty());
        assertThat(log(id).at("/attempts/0/endedAt").isNull()).isTrue();
    }

    @Test
    void tellsOfEveryAttemptAndWhyItWasRepeated() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef first = ref(granted(claim("c1")));
        started(first);
        report(new AttemptFailed(
                first,
                ++n,
                Instant.now(),
                Failure.of(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, "ComfyUI forgot the prompt")));
        awaitStatus(id, "queued");
        Grant again = Objects.requireNonNull(
                await().until(() -> claim(UUID.randomUUID().toString()), answer -> answer.grant() != null)
                        .grant());
        AttemptRef second = ref(again);
        n = 0;
        started(second);
        node(second, "3", "KSampler");
        report(new AttemptSucceeded(second, ++n, Instant.now(), List.of(output()), 1));
        awaitStatus(id, "succeeded");

        JsonNode log = log(id);
        assertThat(log.at("/attempts").size()).isEqualTo(2);
        assertThat(log.at("/attempts/0/endReason").asString()).isEqualTo("PROMPT_LOST");
        assertThat(log.at("/attempts/0/failure/code").asString()).isEqualTo("PROMPT_LOST");
        assertThat(log.at("/attempts/0/failure/message").asString()).isEqualTo("ComfyUI forgot the prompt");
        assertThat(log.at("/attempts/0/nodes").isEmpty()).isTrue();
        assertThat(log.at("/attempts/1/nodes/0/nodeId").asString()).isEqualTo("3");
        assertThat(events(log))
                .containsExactly(
                        "queued",
                        "running",
                        "executing",
                        "attempt-ended",
                        "requeued",
                        "running",
                        "executing",
                        "attempt-ended",
                        "succeeded");
        JsonNode requeued = log.at("/timeline/4");
        assertThat(requeued.at("/failure/code").asString()).isEqualTo("PROMPT_LOST");
        assertThat(Instant.parse(requeued.at("/notBefore").asString()))
                .isAfterOrEqualTo(Instant.parse(requeued.at("/at").asString()));
    }

    @Test
    void tellsOfACanceledJob() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        started(ref);
        report(new NodeStarted(ref, ++n, Instant.now(), "3", "KSampler", COUNT));
        cancel(id);
        report(new AttemptCanceled(ref, ++n, Instant.now()));
        awaitStatus(id, "canceled");
        JsonNode log = log(id);
        assertThat(log.at("/attempts/0/endReason").asString()).isEqualTo("STOPPED");
        assertThat(log.at("/attempts/0/nodes/0/endedAt").isNull()).isTrue();
        // The worker's start and the cancel came close together, by two clocks.
        assertThat(events(log))
                .containsExactlyInAnyOrder("queued", "running", "executing", "canceling", "attempt-ended", "canceled")
                .startsWith("queued", "running")
                .endsWith("attempt-ended", "canceled");
    }

    @Test
    void tellsOfAJobThatNeverRan() {
        String id = id(submit(graph(""), null, 202));
        cancel(id);
        JsonNode log = log(id);
        assertThat(log.at("/attempts").isEmpty()).isTrue();
        assertThat(events(log)).containsExactly("queued", "canceled");
    }

    @Test
    void isForItsOwnerAndForAdministrators() {
        String path = "/v1/jobs/" + id(submit(graph(""), null, 202)) + "/logs";
        assertThat(call("GET", path, Caller.user("k", "other", Role.USER), null, null, 404)
                        .at("/code")
                        .asString())
                .isEqualTo("JOB_NOT_FOUND");
        call("GET", path, Caller.user("k", "operators", Role.ADMIN), null, null, 200);
        call("GET", path, Caller.worker(worker), null, null, 403);
        get("/v1/jobs/j_unknown/logs", 404);
    }

    /** After a rebalance a replica hears reports from somewhere in the middle on. */
    @Test
    void continuesWhatAnotherReplicaStored() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        Instant before = Instant.now();
        Execution stored = new Execution(
                before,
                1,
                List.of(
                        new NodeTime("1", "Loader", before, before.plusMillis(5), false, 0, 0),
                        new NodeTime("3", "KSampler", before.plusMillis(5), null, false, 4, 20)),
                0);
        database.sql("update jobs.attempt set execution = :execution where id = :id")
                .bind("execution", json.writeValueAsString(stored))
                .bind("id", ref.attemptId())
                .then()
                .block();
        n = 10;
        report(new NodeFinished(ref, ++n, before.plusMillis(105), "3", "KSampler", false, COUNT));
        node(ref, "9", "SaveImage");
        report(new AttemptSucceeded(ref, ++n, Instant.now(), List.of(output()), 1));
        awaitStatus(id, "succeeded");

        JsonNode attempt = log(id).at("/attempts/0");
        assertThat(Instant.parse(attempt.at("/startedAt").asString())).isEqualTo(before);
        assertThat(attempt.at("/outputsStored").asInt()).isEqualTo(1);
        assertThat(attempt.at("/nodes").findValuesAsString("nodeId")).containsExactly("1", "3", "9");
        assertThat(attempt.at("/nodes/1/durationMs").asLong()).isEqualTo(100);
    }

    /** The partition went to another replica and came back. */
    @Test
    void addsWhatAnotherReplicaStoredInTheMiddle() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        started(ref);
        node(ref, "1", "Loader");
        await().untilAsserted(() -> assertThat(
                        log(id).at("/attempts/0/nodes/0/endedAt").asString(""))
                .isNotEmpty());
        Execution stored = new Execution(
                Instant.now(),
                0,
                List.of(
                        new NodeTime("1", "Loader", Instant.now(), Instant.now(), false, 0, 0),
                        new NodeTime("3", "KSampler", Instant.now(), Instant.now(), false, 20, 20)),
                0);
        database.sql("update jobs.attempt set execution = :execution where id = :id")
                .bind("execution", json.writeValueAsString(stored))
                .bind("id", ref.attemptId())
                .then()
                .block();
        report(new AttemptSucceeded(ref, 9, Instant.now(), List.of(output()), 1));
        awaitStatus(id, "succeeded");
        assertThat(log(id).at("/attempts/0/nodes").findValuesAsString("nodeId")).containsExactly("1", "3");
    }

    @Test
    void keepsWhatWasStoredWhenOnlyTheEndIsHeard() {
        String id = id(submit(graph(""), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        Execution stored = new Execution(
                Instant.now(), 0, List.of(new NodeTime("1", "Loader", Instant.now(), null, false, 0, 0)), 0);
        database.sql("update jobs.attempt set execution = :execution where id = :id")
                .bind("execution", json.writeValueAsString(stored))
                .bind("id", ref.attemptId())
                .then()
                .block();
        report(new AttemptSucceeded(ref, 7, Instant.now(), List.of(output()), 1));
        awaitStatus(id, "succeeded");
        assertThat(log(id).at("/attempts/0/nodes").findValuesAsString("nodeId")).containsExactly("1");
    }

    @Test
    @Proves("S0-12")
    void showsNothingOfWhatTheJobWasMadeOf() {
        String prompt = "portrait of my neighbour Anna at number 7";
        String id = id(submit("""
                {"pool":"%s","metadata":{"note":"meta-secret"},"callbackUrl":"https://hooks.example.com/cb-secret",
                "workflow":{"1":{"class_type":"CLIPTextEncode","inputs":{"text":"%s","model":"private-model.ckpt",\
                "scheduler":"normal"}}}}""".formatted(pool, prompt), null, 202));
        AttemptRef ref = ref(granted(claim("c1")));
        started(ref);
        node(ref, "https://user:hunter2@internal.example/a", "/opt/custom_nodes/x.py");
        report(new AttemptFailed(
                ref,
                ++n,
                Instant.now(),
                new Failure(
                        ErrorCode.COMFYUI_NODE_ERROR,
                        "Cannot encode '" + prompt + "' with private-model.ckpt from /root/ComfyUI/models/x.pt via"
                                + " http://10.1.2.3:8188/prompt?token=abcdef with Authorization: Bearer s3cr3t-t0ken",
                        FailureCategory.NODE_ERROR,
                        false,
                        "C:\\secret\\node",
                        "api_key=abcdef123",
                        List.of(new dev.comfygateway.contract.problem.FieldError("/workflow/1/inputs/text", prompt)))));
        awaitStatus(id, "failed");

        JsonNode log = log(id);
        assertThat(log.at("/attempts/0/failure/message").asString())
                .isEqualTo(
                        "Cannot encode '<value>' with <value> from <path> via <address> with Authorization <secret>");
        // The scheduler's own word, although the graph has it, too.
        assertThat(log.at("/attempts/0/decision/countedAs").asString()).isEqualTo("normal");
        assertThat(log.at("/attempts/0/nodes/0/nodeId").asString()).isEqualTo("<address>");
        assertThat(log.at("/attempts/0/nodes/0/nodeClass").asString()).isEqualTo("<path>");
        assertThat(log.toString())
                .doesNotContain(
                        prompt,
                        "Anna",
                        "private-model",
                        "/root",
                        "/opt",
                        "10.1.2.3",
                        "hunter2",
                        "abcdef",
                        "s3cr3t",
                        "secret\\",
                        "meta-secret",
                        "cb-secret",
                        "http");
    }
}
