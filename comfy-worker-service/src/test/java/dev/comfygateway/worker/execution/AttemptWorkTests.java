package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class AttemptWorkTests {

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final TestAttempts attempts = new TestAttempts(TestBackends.of(comfy.url()));

    private @Nullable Backends started;

    @AfterEach
    void close() {
        if (started != null) {
            started.stop();
        }
        attempts.close();
        comfy.close();
    }

    @Test
    @SuppressWarnings("unchecked")
    void doesNotTakeAFileForTheTenantsBecauseATextHasNamedIt() throws InterruptedException {
        comfy.files.put("output/others/secret.glb", new byte[] {'g', 'l', 'T', 'F', 2, 0, 0, 0, 12, 0, 0, 0});
        comfy.script = submission -> {
            comfy.announce(submission);
            Map<String, Object> entry = new LinkedHashMap<>(comfy.successEntry(submission));
            Map<String, Object> outputs = new LinkedHashMap<>((Map<String, Object>) entry.get("outputs"));
            outputs.put("9", Map.of("result", List.of("others/secret.glb")));
            entry.put("outputs", outputs);
            comfy.history.put(submission.promptId(), entry);
            comfy.endMarker(submission);
        };

        for (int i = 0; i < 2; i++) {
            assertThat(attempts.produce("a", Graphs.saved(i, Graphs.canvas(2))))
                    .as("time %s", i)
                    .extracting(JobOutput::nodeId)
                    .containsExactly("3");
        }
    }

    @Test
    void isGivenBackWhileItWaitsForAServerThatIsNotToBeUsedAnyMore() throws InterruptedException {
        Backend backend = started();
        try (TestAttempts waiting = new TestAttempts(backend)) {
            assertThat(backend.slot().awaitExecute(Duration.ZERO)).isTrue();
            // As good as over, so that the wait alone is no reason.
            backend.slot().progressed(0.9999);
            backend.suspect("the test says so");

            assertThatThrownBy(() -> waiting.produce("a", Graphs.saved(1, Graphs.canvas(2))))
                    .isInstanceOfSatisfying(
                            AttemptStoppedException.class,
                            e -> assertThat(e.reason()).isEqualTo(StopReason.EVICTED));

            assertThat(comfy.submissions).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({"60, 0", "60, 0.2", ", 0.1"})
    void isGivenBackWhenThePromptBeforeItTakesLonger(Double estimate, double done) throws InterruptedException {
        Backend backend = started();
        try (TestAttempts waiting = new TestAttempts(backend)) {
            assertThat(backend.slot().awaitExecute(Duration.ZERO)).isTrue();
            backend.slot().expects(estimate);
            backend.slot().progressed(done);

            assertThatThrownBy(() -> waiting.produce("a", Graphs.saved(1, Graphs.canvas(2))))
                    .isInstanceOfSatisfying(
                            AttemptStoppedException.class,
                            e -> assertThat(e.reason()).isEqualTo(StopReason.EVICTED));

            assertThat(comfy.submissions).isEmpty();
            backend.slot().releaseExecute();
            assertThat(backend.slot().isIdle()).isTrue();
        }
    }

    @Test
    void waitsForAPromptBeforeItThatShouldEndSoon() throws InterruptedException {
        Backend backend = started();
        try (TestAttempts waiting = new TestAttempts(backend)) {
            assertThat(backend.slot().awaitExecute(Duration.ZERO)).isTrue();
            backend.slot().expects(8.0);
            Thread.ofVirtual().start(() -> {
                await().until(() -> !backend.slot().hasRoom(Duration.ofSeconds(10)));
                backend.slot().releaseExecute();
            });

            assertThat(waiting.produce("a", Graphs.saved(1, Graphs.canvas(2)))).hasSize(1);
        }
    }

    @Test
    void freesMemoryBeforeThePromptWhenTheGrantSaysSo() throws InterruptedException {
        assertThat(attempts.produce(new Attempt(
                        TestAttempts.grant(Graphs.saved(1, Graphs.canvas(2)), true, null), attempts.backend)))
                .hasSize(1);

        assertThat(steps()).containsExactly("free", "prompt", "prompt");
        attempts.produce("a", Graphs.saved(3, Graphs.canvas(2)));
        assertThat(steps()).as("no more than asked for").containsExactly("free", "prompt", "prompt", "prompt");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "torch.OutOfMemoryError | Allocation on device",
                "RuntimeError | CUDA error: out of memory",
                "RuntimeError | CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"
            })
    @Proves("S0-47")
    void freesMemoryBeforeTheNextPromptAfterOneRanOutOfIt(String type, String message) throws InterruptedException {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.history.put(submission.promptId(), FakeComfyUi.errorEntry(type, message));
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
        comfy.failing.add("/free");
        assertThatThrownBy(() -> attempts.produce("a", Graphs.saved(1, Graphs.canvas(2))))
                .isInstanceOfSatisfying(
                        AttemptFailedException.class,
                        e -> assertThat(e.failure().category()).isEqualTo(FailureCategory.OUT_OF_MEMORY));
        comfy.failing.clear();
        comfy.script = comfy::succeed;
        assertThat(steps()).containsExactly("prompt", "free");

        assertThat(attempts.produce("a", Graphs.saved(1, Graphs.canvas(2)))).hasSize(1);

        // One of no use in between shows that the freeing is done.
        assertThat(steps()).containsExactly("prompt", "free", "free", "prompt", "prompt");
    }

    private List<String> steps() {
        return comfy.calls.stream()
                .filter(call -> call.equals("free") || call.equals("prompt"))
                .toList();
    }

    private Backend started() {
        Backends backends =
                TestBackends.backends(TestBackends.properties(comfy.url().toString()), TestBackends.FAST);
        started = backends;
        backends.start();
        Backend backend = backends.all().getFirst();
        await().until(backend::ready);
        return backend;
    }

    @Test
    void givesTheGpuOnAtTheEndMarkerBeforeItsOutputsAreThere() throws InterruptedException {
        AtomicBoolean held = new AtomicBoolean();
        comfy.script = submission -> {
            comfy.announce(submission);
            held.set(attempts.backend.slot().executing());
            comfy.endMarker(submission);
            await().until(() -> !attempts.backend.slot().executing());
            comfy.history.put(submission.promptId(), comfy.successEntry(submission));
            comfy.running.remove(submission.promptId());
        };

        assertThat(attempts.produce("a", Graphs.saved(1, Graphs.canvas(2)))).hasSize(1);

        assertThat(held).isTrue();
        assertThat(attempts.backend.slot().executing()).isFalse();
    }
}
