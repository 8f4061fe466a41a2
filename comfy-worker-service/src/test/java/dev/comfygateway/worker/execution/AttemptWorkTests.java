package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AttemptWorkTests {

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final TestAttempts attempts = new TestAttempts(TestBackends.of(comfy.url()));

    @AfterEach
    void close() {
        attempts.close();
        comfy.close();
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
