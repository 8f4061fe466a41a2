package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.id.Ids;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.Outputs;
import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.testing.RecordingReporter;
import dev.comfygateway.worker.testing.TestBackends;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ByteArrayResource;

/** The same code against a real ComfyUI, where one with the probe nodes is given. */
@EnabledIfEnvironmentVariable(
        named = "REAL_COMFYUI_URL",
        matches = "http.+",
        disabledReason = "REAL_COMFYUI_URL names no real ComfyUI")
class RealComfyUiTests {

    private static final Logger log = LoggerFactory.getLogger(RealComfyUiTests.class);

    private final Backend backend = TestBackends.of(URI.create(
            java.util.Objects.requireNonNullElse(System.getenv("REAL_COMFYUI_URL"), "http://localhost:8188")));
    private final RecordingReporter reporter = new RecordingReporter();

    @TempDir
    private Path folder;

    @AfterEach
    void close() {
        backend.socket().close();
    }

    @Test
    void makesAndFetchesAPicture() throws Exception {
        List<Long> took = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long began = System.nanoTime();
            Attempt attempt = attempt(graph("EmptyImage", Map.of(), 1000 + i));
            PromptResult result = run(attempt);
            List<FetchedOutput> fetched = new OutputFetcher(new Spool(folder, 1 << 20))
                    .fetch("j", Outputs.find(result.outputs()), backend.client(), () -> {})
                    .orElseThrow();
            took.add((System.nanoTime() - began) / 1_000_000);
            assertThat(fetched)
                    .singleElement()
                    .satisfies(output -> assertThat(output.contentType()).isEqualTo("image/png"));
            backend.client().deleteHistory(result.promptId());
            assertThat(backend.client().history(result.promptId())).isEmpty();
        }
        log.info("prompt and download took {} ms", took);
        assertThat(reporter.reports.getLast()).isInstanceOf(AttemptReport.NodeFinished.class);
    }

    @ParameterizedTest
    @CsvSource({
        "value_error, COMFYUI_NODE_ERROR",
        "oom_torch, COMFYUI_OOM",
        "oom_runtime, COMFYUI_OOM",
        "missing_model, COMFYUI_NODE_ERROR"
    })
    void mapsItsFailures(String kind, ErrorCode code) {
        Map<String, Object> graph = graph("ProbeFail", Map.of("image", List.of("1", 0), "kind", kind), 7);

        assertThatThrownBy(() -> run(attempt(graph))).isInstanceOfSatisfying(AttemptFailedException.class, e -> {
            log.info("{} says {}", kind, e.failure());
            assertThat(e.failure().code()).isEqualTo(code);
            assertThat(e.failure().nodeId()).isEqualTo("2");
            assertThat(e.failure().message()).doesNotContain("/");
        });
    }

    @Test
    void mapsItsRefusals() {
        Map<String, Object> model = graph("CheckpointLoaderSimple", Map.of("ckpt_name", "absent.ckpt"), 7);
        model.put(
                "4",
                Map.of(
                        "class_type",
                        "VAEDecode",
                        "inputs",
                        Map.of("samples", List.of("5", 0), "vae", List.of("2", 2))));
        model.put(
                "5",
                Map.of("class_type", "EmptyLatentImage", "inputs", Map.of("width", 64, "height", 64, "batch_size", 1)));
        model.put(
                "3",
                Map.of("class_type", "SaveImage", "inputs", Map.of("images", List.of("4", 0), "filename_prefix", "x")));
        assertThatThrownBy(() -> run(attempt(model))).isInstanceOfSatisfying(AttemptFailedException.class, e -> {
            log.info("missing model says {}", e.failure());
            assertThat(e.failure().code()).isEqualTo(ErrorCode.MODEL_NOT_AVAILABLE);
        });
        assertThatThrownBy(() -> run(attempt(graph("NoSuchNode", Map.of(), 7))))
                .isInstanceOfSatisfying(AttemptFailedException.class, e -> {
                    log.info("missing class says {}", e.failure());
                    assertThat(e.failure().code()).isEqualTo(ErrorCode.NODE_NOT_AVAILABLE);
                    assertThat(e.failure().nodeClass()).isEqualTo("NoSuchNode");
                });
    }

    @Test
    void stopsARunningPrompt() {
        Attempt attempt = attempt(graph(
                "ProbeSlow",
                Map.of(
                        "image",
                        List.of("1", 0),
                        "steps",
                        200,
                        "delay",
                        0.05,
                        "preview",
                        false,
                        "seed",
                        System.nanoTime() % 1000000),
                7));
        Thread canceler = Thread.ofVirtual().start(() -> {
            while (reporter.reports.stream().noneMatch(AttemptReport.Progressed.class::isInstance)) {
                Thread.onSpinWait();
            }
            attempt.stop(StopReason.CANCELED);
        });

        long began = System.nanoTime();
        assertThatThrownBy(() -> run(attempt)).isInstanceOf(AttemptStoppedException.class);
        log.info("canceled after {} ms", (System.nanoTime() - began) / 1_000_000);
        assertThat(canceler.isAlive()).isFalse();
        assertThat(backend.client().queue().running()).isEmpty();
    }

    @Test
    void takesAnUploadedInput() throws Exception {
        byte[] png = dev.comfygateway.worker.testing.FakeComfyUi.png();
        String name = backend.client()
                .upload(
                        new ByteArrayResource(png) {
                            @Override
                            public String getFilename() {
                                return "input_0.png";
                            }
                        },
                        "cg/" + Ids.newEventId());
        assertThat(name).matches("cg/[0-9a-f]{32}/input_0\\.png");

        PromptResult result = run(attempt(graph("LoadImage", Map.of("image", name), 7)));

        assertThat(Outputs.find(result.outputs())).hasSize(1);
    }

    private PromptResult run(Attempt attempt) throws InterruptedException {
        String promptId = Ids.newPromptId();
        Map<String, Object> graph =
                GraphRewriter.rewrite(attempt.grant().workflow(), List.of(), Map.of(), "cg/" + attempt.id());
        ProgressTracker tracker =
                new ProgressTracker(graph, Set.of("SaveImage"), promptId, reporter, done -> {}, System::nanoTime);
        return new PromptRun(attempt, graph, promptId, tracker, TestBackends.FAST).run();
    }

    private Attempt attempt(Map<String, Object> graph) {
        return new Attempt(
                new Grant(
                        "j",
                        Ids.newAttemptId(),
                        1,
                        "default",
                        graph,
                        List.of(),
                        new Grant.Limits(30, 30, 60),
                        30,
                        "ticket",
                        false,
                        null),
                backend);
    }

    private static Map<String, Object> graph(String middle, Map<String, Object> inputs, int color) {
        Map<String, Object> graph = new LinkedHashMap<>();
        Map<String, Object> empty = Map.of("width", 64, "height", 64, "batch_size", 1, "color", color);
        graph.put("1", Map.of("class_type", "EmptyImage", "inputs", empty));
        graph.put(
                "2",
                middle.equals("EmptyImage")
                        ? Map.of("class_type", "ImageInvert", "inputs", Map.of("image", List.of("1", 0)))
                        : Map.of("class_type", middle, "inputs", inputs));
        graph.put(
                "3",
                Map.of(
                        "class_type",
                        "SaveImage",
                        "inputs",
                        Map.of("images", List.of("2", 0), "filename_prefix", "größe & co/x y")));
        return graph;
    }
}
