package dev.comfygateway.worker.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackendsTests {

    @TempDir
    private Path folder;

    private final FakeComfyUi comfy = new FakeComfyUi();
    private Backends backends;
    private Backend backend;

    @BeforeEach
    void start() {
        backends = TestBackends.backends(properties(false, null), TestBackends.FAST);
        backends.start();
        backend = backends.all().getFirst();
        await().until(backend::ready);
    }

    @AfterEach
    void stop() {
        backends.stop();
        comfy.close();
    }

    @Test
    @Proves({"S3-30", "S3-34"})
    void givesNoWorkToAServerThatLostFiveAttemptsInARowAndTriesOneAfterAWhile() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            lose();
        }
        assertThat(backend.ready()).isTrue();
        lose();

        assertThat(backend.ready()).isFalse();
        assertThat(backends.freePermits()).isZero();
        assertThat(backends.anyUsable()).isFalse();
        assertThat(backends.awaitPrepare(Duration.ZERO)).isNull();

        Backend tried = backends.awaitPrepare(Duration.ofSeconds(10));
        assertThat(tried).isSameAs(backend);
        backend.slot().releasePrepare();
        assertThat(backends.awaitPrepare(Duration.ofMillis(50)))
                .as("one at a time")
                .isNull();

        backend.breaker().onSuccess(1, TimeUnit.SECONDS);
        assertThat(backends.awaitPrepare(Duration.ofSeconds(10))).isSameAs(backend);
    }

    @Test
    @Proves("S3-30")
    void staysOpenWhenTheTrialIsLostToo() throws InterruptedException {
        for (int i = 0; i < 5; i++) {
            lose();
        }
        assertThat(backends.awaitPrepare(Duration.ofSeconds(10))).isSameAs(backend);
        backend.slot().releasePrepare();

        lose();

        assertThat(backend.ready()).isFalse();
        assertThat(backends.awaitPrepare(Duration.ofSeconds(10))).isSameAs(backend);
    }

    @Test
    void oneThatEndsWellMeansThatTheyAreNotInARow() {
        for (int i = 0; i < 20; i++) {
            if (i % 5 == 4) {
                backend.breaker().onSuccess(1, TimeUnit.SECONDS);
            } else {
                lose();
            }
        }

        assertThat(backend.ready()).isTrue();
    }

    @Test
    void trustsASuspectAgainOnceItHasRunAPrompt() {
        comfy.script = submission -> comfy.pending.add(submission.promptId());
        backend.suspect("the test says so");
        assertThat(backend.ready()).isFalse();
        await().until(() -> comfy.submissions.size() >= 2);
        assertThat(backend.ready()).isFalse();
        assertThat(comfy.pending).as("what it did not run is taken back").hasSizeLessThan(2);

        comfy.script = comfy::succeed;

        await().until(backend::ready);
        int sent = comfy.submissions.size();
        backends.probe(backend);
        assertThat(comfy.submissions).hasSize(sent);
    }

    @Test
    @Proves({"S2-22", "S2-23"})
    void believesASecondEndpointAndForgivesOneMissedProbe() {
        Backends idle = TestBackends.backends(properties(false, null), TestBackends.FAST);
        Backend probed = idle.all().getFirst();
        comfy.failing.add("/system_stats");

        idle.probe(probed);
        assertThat(probed.status().reachable()).as("found by its queue alone").isTrue();

        comfy.failing.add("/prompt");
        idle.probe(probed);
        assertThat(probed.status().reachable()).as("a busy server may miss one").isTrue();
        idle.probe(probed);
        assertThat(probed.status().reachable()).isFalse();

        comfy.failing.clear();
        idle.probe(probed);
        assertThat(probed.status().reachable()).isTrue();
        assertThat(probed.status().version()).isEqualTo("0.33.0");
        idle.stop();
    }

    @Test
    @Proves("S0-49")
    void warmsAServerUpBeforeItGetsWork() throws IOException {
        Path workflow = folder.resolve("warm-up.json");
        Files.writeString(workflow, "{\"7\":{\"class_type\":\"WarmMe\",\"inputs\":{}}}");
        comfy.script = submission -> comfy.pending.add(submission.promptId());
        Backends warm = TestBackends.backends(properties(true, workflow.toString()), TestBackends.FAST);
        warm.start();
        Backend cold = warm.all().getFirst();
        await().until(() -> comfy.submissions.stream()
                .anyMatch(sent -> sent.graph().at("/7/class_type").asString("").equals("WarmMe")));
        assertThat(cold.status().reachable()).isTrue();
        assertThat(cold.ready()).isFalse();
        assertThat(warm.freePermits()).isZero();

        comfy.script = comfy::succeed;

        await().until(cold::ready);
        warm.stop();
    }

    @Test
    void doesNotBlameAServerThatRunsThePromptOfSomebodyElse() {
        comfy.running.add("of somebody else");
        comfy.script = submission -> comfy.pending.add(submission.promptId());
        backend.suspect("the test says so");
        // far longer than a trial may take
        await().until(() ->
                comfy.calls.stream().filter(call -> call.startsWith("history")).count() > 8);

        assertThat(comfy.submissions).as("trials sent").hasSize(1);
        assertThat(comfy.pending).hasSize(1);
        comfy.running.clear();
        comfy.pending.clear();
        comfy.succeed(comfy.submissions.getFirst());

        await().until(backend::ready);
    }

    @Test
    void refusesAWarmUpThatIsNoWorkflow() throws IOException {
        Path text = Files.writeString(folder.resolve("a.json"), "{\"nodes\":[]}");
        for (String file :
                List.of(text.toString(), folder.resolve("absent.json").toString())) {
            assertThatThrownBy(() -> TestBackends.backends(properties(true, file), TestBackends.FAST))
                    .isInstanceOf(InvalidSettingException.class)
                    .hasMessageContaining("WORKER_WARM_UP_WORKFLOW");
        }
    }

    @Test
    @Proves("S4-37")
    void executesOneAttemptAtATimeOnEachServerThatIsNamed() throws InterruptedException {
        Backends two = TestBackends.backends(
                TestBackends.properties(Map.of("url", comfy.url() + ",http://127.0.0.1:1")), TestBackends.FAST);
        assertThat(two.all()).hasSize(2);
        for (Backend each : two.all()) {
            assertThat(each.slot().awaitExecute(Duration.ZERO)).isTrue();
            assertThat(each.slot().awaitExecute(Duration.ZERO)).isFalse();
        }
    }

    @Test
    void remembersTheModelsItUsedLast() {
        for (int i = 0; i < 20; i++) {
            backend.used(Set.of("model-" + i));
        }
        backend.used(Set.of("model-7"));

        assertThat(backend.warmModels())
                .hasSize(16)
                .endsWith("model-19", "model-7")
                .doesNotContain("model-0");
        backend.numbered(3);
        backend.numbered(0);
        assertThat(backend.warmModels()).as("after a restart").isEmpty();
    }

    @Test
    void forgetsWhoseFilesAreWhoseAfterARestart() {
        var file = new dev.comfygateway.worker.backend.comfy.OutputFile("1", "a.png", "", "temp");
        backend.numbered(4);
        backend.owners().made(file, "a");
        backend.numbered(5);
        assertThat(backend.owners().allOf(List.of(file), "a")).isTrue();
        assertThat(backend.owners().allOf(List.of(file), "b")).isFalse();

        backend.numbered(0);

        assertThat(backend.owners().allOf(List.of(file), "a")).isFalse();
    }

    private BackendProperties properties(boolean warmUp, @Nullable String workflow) {
        return TestBackends.properties(Map.of(
                "url",
                comfy.url().toString(),
                "breaker-pause",
                "300ms",
                "trial-timeout",
                "300ms",
                "warm-up",
                String.valueOf(warmUp),
                "warm-up-workflow",
                workflow == null ? "" : workflow));
    }

    private void lose() {
        backend.breaker().onError(1, TimeUnit.SECONDS, new IllegalStateException("lost"));
    }
}
