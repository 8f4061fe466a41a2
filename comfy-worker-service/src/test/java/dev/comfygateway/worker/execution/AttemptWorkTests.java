package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AttemptWorkTests {

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final TestAttempts attempts = new TestAttempts(TestBackends.of(comfy.url()));

    @AfterEach
    void close() {
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
        Backends backends =
                TestBackends.backends(TestBackends.properties(comfy.url().toString()), TestBackends.FAST);
        backends.start();
        Backend backend = backends.all().getFirst();
        await().until(backend::ready);
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
        } finally {
            backends.stop();
        }
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
