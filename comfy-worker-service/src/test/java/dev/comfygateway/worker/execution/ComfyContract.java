package dev.comfygateway.worker.execution;

import static dev.comfygateway.worker.execution.Graphs.blocking;
import static dev.comfygateway.worker.execution.Graphs.canvas;
import static dev.comfygateway.worker.execution.Graphs.link;
import static dev.comfygateway.worker.execution.Graphs.node;
import static dev.comfygateway.worker.execution.Graphs.save;
import static dev.comfygateway.worker.execution.Graphs.saved;
import static dev.comfygateway.worker.execution.Graphs.slow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.claim.Grant.InputUse;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the worker must do with any ComfyUI: the simulator in each dialect, and a real one where one is given. */
abstract class ComfyContract {

    private static final Logger log = LoggerFactory.getLogger(ComfyContract.class);

    private Backends backends;
    private Backend backend;
    private TestAttempts attempts;

    abstract URI url();

    @BeforeEach
    void connect() {
        backends = TestBackends.backends(TestBackends.properties(url().toString()), TestBackends.FAST);
        backends.start();
        backend = backends.all().getFirst();
        await().atMost(Duration.ofSeconds(30)).until(() -> backend.ready() && backend.inventory() != null);
        attempts = new TestAttempts(backend);
        log.info("{} {} answers", getClass().getSimpleName(), backend.status().version());
    }

    @AfterEach
    void disconnect() {
        backends.stop();
        attempts.close();
    }

    @RepeatedTest(20)
    void makesAndStoresAPicture() throws InterruptedException {
        List<JobOutput> outputs = attempts.produce("a", saved(color(), invert("1")));

        assertThat(outputs).singleElement().satisfies(output -> {
            assertThat(output.contentType()).isEqualTo("image/png");
            assertThat(output.nodeId()).isEqualTo("3");
            assertThat(output.reused()).isFalse();
            assertThat(output.filename()).startsWith("x y_");
            assertThat(attempts.bytes(output)).hasSize((int) output.size());
        });
        assertThat(attempts.reports(AttemptReport.NodeFinished.class))
                .extracting(AttemptReport.NodeFinished::nodeId)
                .containsExactly("1", "2", "3");
    }

    @ParameterizedTest
    @CsvSource({
        "value_error, COMFYUI_NODE_ERROR",
        "oom_torch, COMFYUI_OOM",
        "oom_runtime, COMFYUI_OOM",
        "missing_model, COMFYUI_NODE_ERROR"
    })
    @Proves({"S0-47", "S0-48"})
    void mapsItsFailures(String kind, ErrorCode code) {
        Failure failure = failure(saved(color(), node("ProbeFail", Map.of("image", link("1"), "kind", kind))));

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.nodeId()).isEqualTo("2");
        assertThat(failure.nodeClass()).isEqualTo("ProbeFail");
        assertThat(failure.message()).doesNotContain("/").doesNotContain("tensor(");
        assertThat(attempts.reports(AttemptReport.NodeFinished.class)).hasSize(1);
    }

    @Test
    @Proves("S2-13")
    void namesTheModelThatIsMissing() {
        Failure failure = failure(Graphs.of(
                Map.entry("2", node("CheckpointLoaderSimple", Map.of("ckpt_name", "absent.ckpt"))),
                Map.entry("5", node("EmptyLatentImage", Map.of("width", 64, "height", 64, "batch_size", 1))),
                Map.entry("4", node("VAEDecode", Map.of("samples", link("5"), "vae", List.of("2", 2)))),
                Map.entry("3", save("4"))));

        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_AVAILABLE);
        assertThat(failure.errors()).extracting(FieldError::pointer).contains("/workflow/2/inputs/ckpt_name");
    }

    @Test
    @Proves("S2-13")
    void namesTheClassThatIsMissing() {
        Failure failure = failure(saved(7, node("NoSuchNode", Map.of())));

        assertThat(failure.code()).isEqualTo(ErrorCode.NODE_NOT_AVAILABLE);
        assertThat(failure.nodeClass()).isEqualTo("NoSuchNode");
    }

    @Test
    @Proves("S2-13")
    void namesTheInputsThatAreNotValid() {
        Failure failure = failure(Graphs.of(
                Map.entry("1", node("EmptyImage", Map.of("width", 0, "height", "tall", "batch_size", 1, "color", 1))),
                Map.entry("3", save("1"))));

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        assertThat(failure.errors())
                .extracting(FieldError::pointer)
                .contains("/workflow/1/inputs/width", "/workflow/1/inputs/height");
    }

    @Test
    void failsWhenSomeOutputsAreRefusedUnlessTheCallerAllowsIt() throws InterruptedException {
        Map<String, Object> graph = Graphs.of(
                Map.entry("1", canvas(color())),
                Map.entry("3", save("1")),
                Map.entry("4", node("SaveImage", Map.of("filename_prefix", "x"))));

        Failure failure = failure(graph);

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        assertThat(failure.errors()).extracting(FieldError::pointer).contains("/workflow/4/inputs/images");
        assertThat(backend.client().queue().running()).isEmpty();
        assertThat(backend.client().queue().pending()).isEmpty();
        assertThat(attempts.produce(new Attempt(TestAttempts.grant("a", graph, List.of(), true), backend)))
                .extracting(JobOutput::nodeId)
                .containsExactly("3");
    }

    @Test
    void stopsARunningPrompt() {
        Attempt attempt = attempts.attempt("a", saved(color(), slow(400, 0.05, false, 1)));
        Thread.ofVirtual().start(() -> {
            await().until(() ->
                    !attempts.reports(AttemptReport.Progressed.class).isEmpty());
            attempt.stop(StopReason.CANCELED);
        });

        assertThatThrownBy(() -> attempts.produce(attempt)).isInstanceOf(AttemptStoppedException.class);

        assertThat(backend.client().queue().running()).isEmpty();
        assertThat(backend.ready()).isTrue();
    }

    @Test
    @Proves("X-6")
    void stopsAPromptInANodeThatDoesNotReact() {
        Attempt attempt = attempts.attempt("a", saved(color(), blocking(1.5, color())));
        Thread.ofVirtual().start(() -> {
            await().until(() -> attempts.reports(AttemptReport.NodeStarted.class).stream()
                    .anyMatch(started -> started.nodeId().equals("2")));
            attempt.stop(StopReason.CANCELED);
        });

        assertThatThrownBy(() -> attempts.produce(attempt)).isInstanceOf(AttemptStoppedException.class);

        assertThat(backend.client().queue().running()).isEmpty();
        assertThat(backend.slot().isIdle()).isTrue();
        assertThat(backend.ready()).isTrue();
    }

    @Test
    @Proves("S2-19")
    void losesNoResultToATimeLimit() throws InterruptedException {
        int late = 0;
        for (int trial = 0; trial < 12; trial++) {
            // Ends somewhere around the limit of one second.
            double step = (0.88 + 0.02 * trial) / 20;
            attempts.reporter.reports.clear();
            Attempt attempt =
                    attempts.attempt("a", saved(color(), slow(20, step, false, color())), new Grant.Limits(20, 20, 1));
            try {
                TestPrompts.run(attempt, attempts.reporter);
            } catch (AttemptFailedException e) {
                late++;
                assertThat(e.failure().code()).isEqualTo(ErrorCode.COMFYUI_TIMEOUT);
                String promptId = attempts.reports(AttemptReport.ExecutionStarted.class)
                        .getFirst()
                        .promptId();
                assertThat(backend.client()
                                .history(promptId)
                                .map(entry -> entry.at("/status/status_str").asString()))
                        .isNotEqualTo(Optional.of("success"));
            }
        }
        log.info("{} of 12 prompts were stopped at the limit", late);
        assertThat(late).isBetween(1, 12);
    }

    /** 30 times in every build; {@code -Dcancel.trials=} for more. */
    @Test
    @Proves("X-4")
    void stopsOnePromptAmongManyAndNoOther() throws InterruptedException {
        int trials = Integer.getInteger("cancel.trials", 30);
        int stopped = 0;
        for (int trial = 0; trial < trials; trial++) {
            List<String> others = new ArrayList<>(submitOthers());
            Attempt attempt = attempts.attempt("a", saved(color(), slow(3, 0.005, false, 9)));
            long after = ThreadLocalRandom.current().nextLong(120);
            Thread canceler = Thread.ofVirtual().start(() -> {
                others.addAll(submitOthers());
                LockSupport.parkNanos(Duration.ofMillis(after).toNanos());
                attempt.stop(StopReason.CANCELED);
            });
            try {
                attempts.produce(attempt);
            } catch (AttemptStoppedException e) {
                assertThat(e.reason()).isEqualTo(StopReason.CANCELED);
                stopped++;
            }
            canceler.join();
            for (String id : others) {
                await().pollInterval(Duration.ofMillis(5))
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> backend.client().history(id).isPresent());
                assertThat(backend.client()
                                .history(id)
                                .orElseThrow()
                                .at("/status/status_str")
                                .asString())
                        .as("trial %s, stopped after %s ms", trial, after)
                        .isEqualTo("success");
                backend.client().deleteHistory(id);
            }
            assertThat(backend.usable()).isTrue();
        }
        log.info("{} of {} attempts were stopped before their end; no other prompt was", stopped, trials);
        assertThat(stopped).as("stopped before their end").isGreaterThan(trials / 4);
    }

    private List<String> submitOthers() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            String id = UUID.randomUUID().toString();
            backend.client().submit(id, null, Map.copyOf(saved(color(), slow(3, 0.005, false, i))));
            ids.add(id);
        }
        return ids;
    }

    @Test
    void takesAnInputThatNobodyElseCanName() throws InterruptedException {
        byte[] png = FakeComfyUi.png();
        String id = "as_" + "1".repeat(32);
        attempts.platform.objects.put(id, png);
        InputAsset asset =
                new InputAsset(id, "photo ü.PNG", png.length, sha256(png), List.of(new InputUse("2", "image")));
        Map<String, Object> graph =
                Graphs.of(Map.entry("2", node("LoadImage", Map.of("image", id))), Map.entry("3", save("2")));

        List<JobOutput> outputs =
                attempts.produce(new Attempt(TestAttempts.grant("a", graph, List.of(asset), false), backend));

        assertThat(outputs).hasSize(1);
        assertThat(backend.client().objectInfo().path("LoadImage").toString())
                .as("files that everybody may choose from")
                .isNotEmpty()
                .doesNotContain("input_0")
                .doesNotContain("cg/");
        for (String guess : List.of("photo ü.PNG", "input_0.png", "cg/input_0.png")) {
            Failure failure = failure(Graphs.of(
                    Map.entry("2", node("LoadImage", Map.of("image", guess))), Map.entry("3", save("2"))));
            assertThat(failure.code()).as(guess).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s [output]", "%s [temp]", "../output/%s", "/etc/passwd", "cg/%s [output]"})
    void refusesToReadFilesOfTheServer(String form) throws InterruptedException {
        JobOutput secret = attempts.produce("a", saved(color(), invert("1"))).getFirst();

        Failure failure = failure(Graphs.of(
                Map.entry("2", node("LoadImage", Map.of("image", form.formatted(secret.filename())))),
                Map.entry("3", save("2"))));

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        assertThat(failure.errors()).extracting(FieldError::pointer).containsExactly("/workflow/2/inputs/image");
    }

    @Test
    @Proves("X-2")
    void reusesACachedResultOfTheSameTenant() throws InterruptedException {
        Map<String, Object> graph = preview(color());
        JobOutput first = attempts.produce("a", graph).getFirst();

        JobOutput again = attempts.produce("a", graph).getFirst();

        assertThat(first.reused()).isFalse();
        assertThat(again.reused()).isTrue();
        assertThat(again.filename()).isEqualTo(first.filename());
        assertThat(again.sha256()).isEqualTo(first.sha256());
        assertThat(attempts.reports(AttemptReport.NodeFinished.class))
                .allMatch(AttemptReport.NodeFinished::cached)
                .hasSize(3);
    }

    @Test
    @Proves("X-2")
    void writesASavedFileAnewAlthoughAllIsCached() throws InterruptedException {
        Map<String, Object> graph = saved(color(), invert("1"));
        JobOutput first = attempts.produce("a", graph).getFirst();

        JobOutput again = attempts.produce("a", graph).getFirst();

        assertThat(again.filename()).isEqualTo(first.filename());
        assertThat(again.size()).isPositive();
        assertThat(attempts.reports(AttemptReport.NodeFinished.class))
                .extracting(AttemptReport.NodeFinished::cached)
                .containsExactlyInAnyOrder(true, true, false);
    }

    @Test
    void neverGivesATenantTheFileOfAnother() throws InterruptedException {
        Map<String, Object> graph = preview(color());
        JobOutput first = attempts.produce("a", graph).getFirst();

        JobOutput other = attempts.produce("b", graph).getFirst();

        assertThat(other.reused()).isFalse();
        assertThat(other.filename()).isNotEqualTo(first.filename());
        assertThat(new String(attempts.bytes(other), StandardCharsets.ISO_8859_1))
                .contains("comfy_gateway_run");
    }

    @Test
    void neverGivesATenantTheFileOfAnotherWhosePrefixIsLinked() throws InterruptedException {
        Map<String, Object> graph = Graphs.of(
                Map.entry("1", canvas(color())),
                Map.entry("2", node("PrimitiveString", Map.of("value", "linked-" + UUID.randomUUID()))),
                Map.entry("3", node("SaveImage", Map.of("images", link("1"), "filename_prefix", link("2")))));
        JobOutput first = attempts.produce("a", graph).getFirst();

        JobOutput other = attempts.produce("b", graph).getFirst();

        assertThat(other.reused()).isFalse();
        assertThat(other.filename()).isNotEqualTo(first.filename());
    }

    @Test
    void refusesAFileNameThatComesOverALink() {
        Failure failure = failure(Graphs.of(
                Map.entry("1", node("PrimitiveString", Map.of("value", "secret.png [output]"))),
                Map.entry("2", node("LoadImage", Map.of("image", link("1")))),
                Map.entry("3", save("2"))));

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        assertThat(failure.errors()).extracting(FieldError::pointer).containsExactly("/workflow/2/inputs/image");
    }

    @Test
    void runsNothingOutOfAnotherTenantsCacheWhenTenantsAreSeparate() throws InterruptedException {
        Map<String, Object> graph = preview(color());
        backend.makeRoom(false, "a");
        attempts.produce("a", graph);

        backend.makeRoom(false, "b");
        attempts.produce("b", graph);

        assertThat(attempts.reports(AttemptReport.NodeFinished.class))
                .hasSize(3)
                .noneMatch(AttemptReport.NodeFinished::cached);
    }

    @Test
    void deliversTexts() throws InterruptedException {
        List<JobOutput> outputs = attempts.produce(
                "a",
                Graphs.of(
                        Map.entry("1", node("PrimitiveString", Map.of("value", "grüße " + color()))),
                        Map.entry("2", node("PreviewAny", Map.of("source", link("1"))))));

        assertThat(outputs).singleElement().satisfies(output -> {
            assertThat(output.kind()).isEqualTo("text");
            assertThat(output.contentType()).isEqualTo("text/plain");
            assertThat(new String(attempts.bytes(output), StandardCharsets.UTF_8))
                    .startsWith("grüße ");
        });
    }

    @Test
    void deliversPicturesThatAreOnlySent() throws InterruptedException {
        Map<String, Object> graph = Graphs.of(
                Map.entry(
                        "1", node("EmptyImage", Map.of("width", 64, "height", 64, "batch_size", 3, "color", color()))),
                Map.entry("2", node("SaveImageWebsocket", Map.of("images", link("1")))));

        List<JobOutput> outputs = attempts.produce("a", graph);

        assertThat(outputs).hasSize(3).allSatisfy(output -> {
            assertThat(output.contentType()).isEqualTo("image/png");
            assertThat(output.nodeId()).isEqualTo("2");
            assertThat(output.temporary()).isFalse();
        });
    }

    @Test
    void hearsPreviewsOfItsOwnPromptOnly() throws InterruptedException {
        backend.client().submit(UUID.randomUUID().toString(), null, Map.copyOf(saved(color(), slow(5, 0.02, true, 5))));
        List<String> nodes = new ArrayList<>();
        Attempt attempt = attempts.attempt("a", saved(color(), slow(4, 0.05, true, 6)));

        TestPrompts.run(attempt, attempts.reporter, new PromptListener() {
            @Override
            public void ended() {}

            @Override
            public void preview(PromptSignal.Picture picture) {
                assertThat(picture.mediaType()).isEqualTo("image/jpeg");
                assertThat(picture.file().size()).isPositive();
                nodes.add(String.valueOf(picture.nodeId()));
                picture.file().close();
            }
        });

        assertThat(nodes).containsExactly("2", "2", "2", "2");
    }

    @Test
    void countsNodesAndStepsAndNeverFallsBack() throws InterruptedException {
        attempts.produce("a", saved(color(), slow(6, 0.3, false, 3)));

        List<AttemptReport.Progressed> steps = attempts.reports(AttemptReport.Progressed.class);
        assertThat(steps).isNotEmpty().allSatisfy(step -> {
            assertThat(step.nodeId()).isEqualTo("2");
            assertThat(step.nodeClass()).isEqualTo("ProbeSlow");
            assertThat(step.steps()).isEqualTo(6);
            assertThat(step.nodes().done()).isEqualTo(1);
            assertThat(step.nodes().total()).isEqualTo(3);
        });
        assertThat(steps)
                .extracting(AttemptReport.Progressed::step)
                .isSorted()
                .last()
                .isEqualTo(6);
        assertThat(steps).extracting(AttemptReport.Progressed::fraction).isSorted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not today"})
    void takesABlockedNodeForNoFailure(String message) throws InterruptedException {
        List<JobOutput> outputs = attempts.produce(
                "a",
                Graphs.of(
                        Map.entry("1", canvas(color())),
                        Map.entry("2", node("ProbeBlock", Map.of("image", link("1"), "message", message))),
                        Map.entry("3", save("2")),
                        Map.entry("4", save("1"))));

        assertThat(outputs).extracting(JobOutput::nodeId).containsExactly("4");
    }

    @Test
    void countsExpandedNodesAsTheOneInTheGraph() throws InterruptedException {
        List<JobOutput> outputs =
                attempts.produce("a", saved(color(), node("ProbeExpand", Map.of("image", link("1"), "fail", false))));

        assertThat(outputs).extracting(JobOutput::nodeId).containsOnly("3");
        assertThat(attempts.reports(AttemptReport.NodeFinished.class))
                .extracting(AttemptReport.NodeFinished::nodeId)
                .containsExactlyInAnyOrder("1", "2", "3");
        assertThat(failure(saved(color(), node("ProbeExpand", Map.of("image", link("1"), "fail", true))))
                        .nodeId())
                .isEqualTo("2");
    }

    @Test
    void followsNodesThatRunTogether() throws InterruptedException {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", canvas(color()));
        for (String id : List.of("2", "3", "4")) {
            graph.put(id, node("ProbeAsync", Map.of("image", link("1"), "seconds", 0.2, "seed", color())));
            graph.put("s" + id, save(id));
        }

        assertThat(attempts.produce("a", graph)).hasSize(3);
        assertThat(attempts.reports(AttemptReport.NodeFinished.class)).hasSize(7);
    }

    @Test
    void leavesNoPromptInTheHistory() throws InterruptedException {
        attempts.produce("a", saved(color(), invert("1")));
        String promptId = attempts.reports(AttemptReport.ExecutionStarted.class)
                .getFirst()
                .promptId();

        await().untilAsserted(
                        () -> assertThat(backend.client().history(promptId)).isEmpty());
    }

    private Failure failure(Map<String, Object> graph) {
        try {
            attempts.produce("a", graph);
        } catch (AttemptFailedException e) {
            log.info("failed as it should: {}", e.failure());
            return e.failure();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("The attempt did not fail");
    }

    /** A graph whose result is a preview, which has no prefix that could be made to differ. */
    private static Map<String, Object> preview(int color) {
        return Graphs.of(
                Map.entry("1", canvas(color)),
                Map.entry("2", invert("1")),
                Map.entry("3", node("PreviewImage", Map.of("images", link("2")))));
    }

    private static Map<String, Object> invert(String source) {
        return node("ImageInvert", Map.of("image", link(source)));
    }

    /** One that the server has not met. */
    private static int color() {
        return ThreadLocalRandom.current().nextInt(1 << 24);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
