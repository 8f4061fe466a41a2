package dev.comfygateway.worker.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.FakeHook;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class RecyclerTests {

    @TempDir
    private Path folder;

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final FakeHook hook = new FakeHook();
    private Backends backends;
    private Backend backend;

    @BeforeEach
    void serve() {
        comfy.vramFree = 1000;
        backends = TestBackends.backends(TestBackends.properties(comfy.url().toString()), Map.of());
        backend = backends.all().getFirst();
    }

    @AfterEach
    void stop() {
        backends.stop();
        hook.close();
        comfy.close();
    }

    @Test
    void usesABrokenProcessNoMoreUntilSomebodyHasRestartedIt() throws InterruptedException {
        start(Map.of());
        int sent = comfy.submissions.size();

        backend.recycle(RecycleReason.DEVICE_ERROR);
        backend.suspect("the test wants a trial");

        await().until(() -> !backend.isSuspected());
        assertThat(comfy.submissions).as("its trial went well").hasSizeGreaterThan(sent);
        assertThat(backend.ready()).isFalse();
        assertThat(backends.anyUsable()).isFalse();

        comfy.restart();

        await().until(backend::ready);
        assertThat(hook.calls).isEmpty();
    }

    @Test
    void callsTheHookOnceAndUsesTheNewProcessAfterItsWarmUp() throws InterruptedException {
        hook.onCall = comfy::restart;
        start(Map.of("url", hook.url().toString()));
        comfy.script = submission -> comfy.pending.add(submission.promptId());

        backend.recycle(RecycleReason.DEVICE_ERROR);
        backend.recycle(RecycleReason.PROMPT_COUNT);

        await().until(() -> !comfy.pending.isEmpty());
        assertThat(backend.ready()).as("before its first prompt has ended").isFalse();
        comfy.script = comfy::succeed;
        await().until(backend::ready);
        assertThat(hook.calls).hasSize(1);
        JsonNode call = hook.calls.getFirst();
        assertThat(call.path("reason").asString()).isEqualTo("device_error");
        assertThat(call.path("url").asString()).isEqualTo(comfy.url().toString());
        assertThat(call.path("backend").asString()).isEqualTo("comfyui-1");
    }

    @Test
    void waitsUntilNothingRunsThere() throws InterruptedException {
        hook.onCall = comfy::restart;
        start(Map.of("url", hook.url().toString(), "after-prompts", "2"));
        assertThat(backend.slot().awaitExecute(Duration.ZERO)).isTrue();
        backend.prompted(10);
        assertThat(backend.ready()).isTrue();

        backend.prompted(11);

        assertThat(backend.ready()).isFalse();
        int looks = comfy.probes.get();
        await().until(() -> comfy.probes.get() > looks + 3);
        assertThat(hook.calls).isEmpty();
        backend.slot().releaseExecute();
        await().until(backend::ready);
        assertThat(hook.calls)
                .extracting(call -> call.path("reason").asString())
                .containsExactly("prompt_count");
    }

    @Test
    void repeatsAHookThatFailsAndUsesAProcessThatWorksInBetween() throws InterruptedException {
        hook.status = 500;
        start(Map.of("url", hook.url().toString(), "repeat-after", "1s"));

        backend.recycle(RecycleReason.PROMPT_COUNT);
        assertThat(backend.ready()).isFalse();

        await().until(() -> hook.calls.size() == 1 && backend.ready());
        hook.onCall = comfy::restart;
        hook.status = 200;
        await().atMost(Duration.ofSeconds(20)).until(() -> hook.calls.size() == 2 && backend.ready());
    }

    @Test
    void repeatsAHookThatBringsNoNewProcess() throws InterruptedException {
        start(Map.of("url", hook.url().toString(), "repeat-after", "100ms", "timeout", "300ms"));

        backend.recycle(RecycleReason.DEVICE_ERROR);

        await().until(() -> hook.calls.size() >= 2);
        assertThat(backend.ready()).isFalse();
    }

    @Test
    void findsMemoryThatIsNotGivenBack() throws InterruptedException {
        hook.onCall = () -> {
            comfy.vramFree = 1000;
            comfy.restart();
        };
        start(Map.of("url", hook.url().toString(), "least-free-share", "0.5"));
        await().until(() -> Long.valueOf(1000).equals(backend.status().vramFreeBytes()));
        comfy.vramFree = 300;
        comfy.onFree = () -> comfy.vramFree = 600;
        backend.makeRoom(true, null);
        assertThat(backend.ready()).as("enough is free").isTrue();
        comfy.onFree = () -> {};
        comfy.vramFree = 400;

        backend.makeRoom(true, null);

        await().until(() -> !hook.calls.isEmpty() && backend.ready());
        assertThat(hook.calls.getFirst().path("reason").asString()).isEqualTo("memory_leak");
    }

    @Test
    void runsACommandThatKnowsTheServerAndTheReason() throws IOException, InterruptedException {
        Path said = folder.resolve("said");
        start(Map.of());
        RecycleHook command = command("sh", "-c", "echo $RECYCLE_REASON $COMFYUI_URL $COMFYUI_BACKEND > " + said);

        command.call("comfyui-1", comfy.url(), RecycleReason.MEMORY_LEAK);

        assertThat(Files.readString(said).strip()).isEqualTo("memory_leak " + comfy.url() + " comfyui-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "ls /there/is/nothing", "/there/is/no/such/command", "sleep 60"})
    void saysThatACommandFailed(String text) throws InterruptedException {
        start(Map.of());
        RecycleHook command = TestBackends.hook(Map.of("command", text, "timeout", "500ms"));

        assertThatThrownBy(() -> command.call("comfyui-1", comfy.url(), RecycleReason.MEMORY_LEAK))
                .isInstanceOf(IOException.class);
    }

    @Test
    void refusesSettingsThatCannotBe() throws InterruptedException {
        start(Map.of());

        assertThatThrownBy(() -> TestBackends.hook(Map.of("least-free-share", "1.5")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("WORKER_RECYCLE_LEAST_FREE_SHARE");
        assertThatThrownBy(() -> TestBackends.hook(Map.of("url", "unix:/run/x")))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("WORKER_RECYCLE_URL");
    }

    private static RecycleHook command(String... parts) {
        Map<String, String> settings = new HashMap<>();
        for (int i = 0; i < parts.length; i++) {
            settings.put("command[" + i + "]", parts[i]);
        }
        return TestBackends.hook(settings);
    }

    private void prepare(Map<String, String> recycle) {
        backends = TestBackends.backends(TestBackends.properties(comfy.url().toString()), recycle);
        backend = backends.all().getFirst();
    }

    private void start(Map<String, String> recycle) throws InterruptedException {
        prepare(recycle);
        backends.start();
        await().until(() -> backend.ready() && backend.socket().connected());
        // Its number tells a process from the one before.
        for (int i = 0; i < 2; i++) {
            assertThat(Trial.tiny().run(backend, Duration.ofSeconds(10))).isTrue();
        }
    }
}
