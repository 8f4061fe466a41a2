package dev.comfygateway.worker.execution;

import static dev.comfygateway.worker.execution.Graphs.blocking;
import static dev.comfygateway.worker.execution.Graphs.canvas;
import static dev.comfygateway.worker.execution.Graphs.link;
import static dev.comfygateway.worker.execution.Graphs.node;
import static dev.comfygateway.worker.execution.Graphs.saved;
import static dev.comfygateway.worker.execution.Graphs.slow;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.testing.FakeHook;
import dev.comfygateway.worker.testing.SimulatorFaults;
import dev.comfygateway.worker.testing.SimulatorProcess;
import dev.comfygateway.worker.testing.TestBackends;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the worker makes of a ComfyUI that fails, in every way the simulator can. */
class ComfyFaultsTests {

    private static final Logger log = LoggerFactory.getLogger(ComfyFaultsTests.class);
    private static SimulatorProcess simulator;
    private static SimulatorFaults faults;

    private Backends backends;
    private Backend backend;
    private TestAttempts attempts;

    @BeforeAll
    static void start() {
        simulator = new SimulatorProcess("--comfy.simulator.faults=true");
        faults = new SimulatorFaults(simulator.url());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @BeforeEach
    void connect() {
        backends = TestBackends.backends(TestBackends.properties(simulator.url().toString()), TestBackends.FAST);
        backends.start();
        backend = backends.all().getFirst();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> backend.ready()
                        && backend.inventory() != null
                        && backend.socket().connected());
        attempts = new TestAttempts(backend);
    }

    @AfterEach
    void disconnect() {
        faults.clear();
        backends.stop();
        attempts.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'kind':'no_final_event'}",
                "{'kind':'late_history','delay_ms':300}",
                "{'kind':'late_history','delay_ms':300,'final_event':'before'}",
                "{'kind':'drop_sockets','at':'execution_start'}",
                "{'kind':'drop_sockets','at':'execution_success'}",
                "{'kind':'drop_sockets','at':'final'}",
                "{'kind':'stalled_sockets'}",
                "{'kind':'http_status','status':500,'path':'/prompt','method':'POST'}",
                "{'kind':'http_status','status':503,'path':'/prompt','method':'POST','next':2}",
                "{'kind':'http_status','status':500,'path':'/history/**','next':2}",
                "{'kind':'http_status','status':500,'path':'/view','next':2}",
                "{'kind':'connection_reset','path':'/prompt','method':'POST'}",
                "{'kind':'connection_reset','path':'/view'}",
                "{'kind':'truncated_transfer','path':'/view','bytes':40}",
                "{'kind':'slow_http','path':'/history/**','delay_ms':400,'next':3}"
            })
    @Proves({"S0-44", "S0-45", "X-8"})
    void deliversTheResultAllTheSame(String fault) throws InterruptedException {
        faults.ask(fault);

        List<JobOutput> outputs = attempts.produce("a", saved(color(), slow(3, 0.05, false, color())));

        assertThat(outputs).singleElement().satisfies(output -> {
            assertThat(output.contentType()).isEqualTo("image/png");
            assertThat(attempts.bytes(output)).hasSize((int) output.size());
        });
        assertThat(attempts.reports(AttemptReport.AttemptSucceeded.class)).hasSize(1);
        assertThat(faults.haveStruck()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'kind':'empty_output'} | OUTPUT_EMPTY | NODE_ERROR",
                "{'kind':'truncated_output','bytes':60} | OUTPUT_INVALID | NODE_ERROR",
                "{'kind':'mislabelled_output','as':'html'} | OUTPUT_INVALID | NODE_ERROR",
                "{'kind':'mislabelled_output','as':'jpeg'} | OUTPUT_INVALID | NODE_ERROR",
                "{'kind':'vanished_output','next':2} | OUTPUT_MISSING | BACKEND_LOST",
                "{'kind':'truncated_transfer','path':'/view','bytes':40,'next':9} | OUTPUT_MISSING | BACKEND_LOST",
                "{'kind':'out_of_memory','coat':'torch'} | COMFYUI_OOM | OUT_OF_MEMORY",
                "{'kind':'out_of_memory','coat':'runtime'} | COMFYUI_OOM | OUT_OF_MEMORY",
                "{'kind':'node_error','node':'2'} | COMFYUI_NODE_ERROR | NODE_ERROR",
                "{'kind':'no_history'} | PROMPT_LOST | BACKEND_LOST",
                "{'kind':'http_status','status':413,'path':'/prompt','method':'POST'} | PAYLOAD_TOO_LARGE | VALIDATION",
                "{'kind':'http_status','status':403,'path':'/prompt','method':'POST'} | COMFYUI_PROTOCOL_ERROR | BACKEND_LOST",
                "{'kind':'http_status','status':500,'path':'/prompt','method':'POST','next':9} | COMFYUI_PROTOCOL_ERROR | BACKEND_LOST"
            })
    @Proves({"S0-47", "S0-48", "S2-3", "X-3"})
    void endsWithAClearError(String fault, ErrorCode code, FailureCategory category) {
        faults.ask(fault);

        // Nothing but a success in events is there when there is no history, and then no outputs either.
        Failure failure = failure(
                code == ErrorCode.PROMPT_LOST
                        ? Graphs.of(
                                Map.entry("1", canvas(color())),
                                Map.entry("2", node("ProbeNoUi", Map.of("image", link("1")))))
                        : saved(color(), slow(1, 0.01, false, color())));

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.category()).isEqualTo(category);
        assertThat(failure.message()).doesNotContain("/opt").doesNotContain("tensor(");
        assertThat(faults.haveStruck()).isTrue();
    }

    @Test
    void stopsAPromptThatNoticesItLate() {
        faults.ask("{'kind':'interrupt_latency','delay_ms':700}");
        Attempt attempt = attempts.attempt("a", saved(color(), slow(400, 0.02, false, color())));
        Thread.ofVirtual().start(() -> {
            await().until(() ->
                    !attempts.reports(AttemptReport.Progressed.class).isEmpty());
            attempt.stop(StopReason.CANCELED);
        });

        assertThatThrownBy(() -> attempts.produce(attempt)).isInstanceOf(AttemptStoppedException.class);

        assertThat(backend.client().queue().running()).isEmpty();
        assertThat(backend.isSuspected()).isFalse();
        assertThat(faults.haveStruck()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"20, 20, 1", "20, 1, 20"})
    @Proves("S2-19")
    void deliversAResultThatComesWhileThePromptIsStoppedForItsTimeLimit(int start, int noProgress, int total)
            throws InterruptedException {
        faults.ask("{'kind':'interrupt_latency','delay_ms':4000}");
        List<JobOutput> outputs = attempts.produce(attempts.attempt(
                "a", saved(color(), blocking(1.6, color())), new Grant.Limits(start, noProgress, total)));

        assertThat(outputs).hasSize(1);
        assertThat(backend.isSuspected()).isFalse();
        assertThat(faults.haveStruck()).isTrue();
    }

    @Test
    void doesNotDeliverSomeOfThePicturesThatWereSent() {
        faults.ask("{'kind':'drop_sockets','at':'progress'}");

        Failure failure = failure(Graphs.of(
                Map.entry("1", canvas(color())),
                Map.entry("2", slow(3, 0.05, false, color())),
                Map.entry("3", node("SaveImageWebsocket", Map.of("images", link("2")))),
                Map.entry("4", Graphs.save("2"))));

        assertThat(failure.code()).isEqualTo(ErrorCode.OUTPUT_MISSING);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
    }

    @Test
    @Proves({"S0-71", "X-7"})
    void saysThatComfyUiCrashedAndGoesOnAfterItIsBack() throws InterruptedException {
        faults.ask("{'kind':'crash','at':'progress','down_ms':1000,'warm_up_ms':200}");

        CompletableFuture<Failure> running = CompletableFuture.supplyAsync(
                () -> failure(saved(color(), slow(50, 0.05, false, color()))), Thread::startVirtualThread);
        await().atMost(Duration.ofSeconds(20)).until(() -> !backend.status().reachable() && !backend.ready());
        Failure failure = running.join();

        assertThat(failure.code()).isEqualTo(ErrorCode.PROMPT_LOST);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(failure.message()).contains("restarted");
        await().atMost(Duration.ofSeconds(20))
                .until(() -> backend.ready() && backend.socket().connected());
        assertThat(attempts.produce("a", saved(color(), slow(1, 0.01, false, 1))))
                .hasSize(1);
    }

    @Test
    void hasAServerReplacedWhoseGpuContextIsBroken() throws InterruptedException {
        faults.ask("{'kind':'node_error','node':'2','type':'torch.AcceleratorError',"
                + "'message':'CUDA error: an illegal memory access was encountered'}");
        try (FakeHook hook = new FakeHook()) {
            hook.onCall = () -> faults.ask("{'kind':'crash','down_ms':300}");
            Backends recycled = TestBackends.backends(
                    TestBackends.properties(simulator.url().toString()),
                    Map.of("url", hook.url().toString()));
            recycled.start();
            Backend broken = recycled.all().getFirst();
            await().until(broken::ready);
            TestAttempts there = new TestAttempts(broken);
            try {
                assertThatThrownBy(() -> there.produce("a", saved(color(), slow(1, 0.01, false, color()))))
                        .isInstanceOfSatisfying(AttemptFailedException.class, e -> {
                            assertThat(e.failure().category()).isEqualTo(FailureCategory.BACKEND_LOST);
                            assertThat(e.failure().code()).isEqualTo(ErrorCode.COMFYUI_NODE_ERROR);
                            assertThat(e.failure().retryable()).isTrue();
                        });
                assertThat(broken.ready()).isFalse();

                await().atMost(Duration.ofSeconds(20)).until(broken::ready);
                assertThat(hook.calls).hasSize(1);
                assertThat(there.produce("a", saved(color(), slow(1, 0.01, false, 1))))
                        .hasSize(1);
            } finally {
                recycled.stop();
                there.close();
            }
        }
    }

    @Test
    void usesNoServerWhoseWorkerThreadHasDied() throws InterruptedException {
        faults.ask("{'kind':'worker_death','node':'2'}");
        Failure first = failureWithin(2, saved(color(), slow(1, 0.01, false, color())));
        assertThat(first.code()).isEqualTo(ErrorCode.COMFYUI_NO_PROGRESS);
        assertThat(backend.ready()).as("it did not stop its prompt").isFalse();

        Failure second = failureWithin(30, saved(color(), slow(1, 0.01, false, color())));
        assertThat(second.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(second.message()).contains("needs a restart");
        assertThat(backend.client().queue().pending()).isEmpty();

        faults.ask("{'kind':'crash','down_ms':200}");
        await().atMost(Duration.ofSeconds(20)).until(backend::ready);
        assertThat(attempts.produce("a", saved(color(), slow(1, 0.01, false, 1))))
                .hasSize(1);
    }

    @Test
    @Proves("S2-21")
    void givesUpANodeThatHangsAndSparesTheServerUntilItIsFree() {
        faults.ask("{'kind':'hang','node':'2'}");

        Failure failure = failureWithin(2, saved(color(), slow(1, 0.01, false, color())));

        assertThat(failure.category()).isEqualTo(FailureCategory.TIMEOUT);
        assertThat(backend.ready()).isFalse();
        faults.clear();
        await().atMost(Duration.ofSeconds(20)).until(backend::ready);
    }

    @Test
    @Proves("X-2")
    void runsAgainWhenTheFileOfACachedAnswerIsGone() throws InterruptedException {
        Map<String, Object> graph = Graphs.of(
                Map.entry("1", canvas(color())), Map.entry("2", node("PreviewImage", Map.of("images", link("1")))));
        JobOutput first = attempts.produce("a", graph).getFirst();
        faults.ask("{'kind':'vanished_output'}");

        JobOutput again = attempts.produce("a", graph).getFirst();

        assertThat(again.reused()).isFalse();
        assertThat(again.filename()).isNotEqualTo(first.filename());
        assertThat(attempts.bytes(again)).hasSize((int) again.size());
    }

    @Test
    @Proves("S1-29")
    void findsItsResultBehindABalancerOfTwoServers() throws InterruptedException {
        faults.ask("{'kind':'other_instance','all':true}");
        for (int i = 0; i < 5; i++) {
            assertThat(attempts.produce("a", saved(color(), slow(3, 0.05, false, color()))))
                    .hasSize(1);
        }
    }

    @Test
    @Proves("X-13")
    void streamsAnOutputOfMoreThanAGigabyteThroughASmallHeap() throws IOException, InterruptedException {
        long bytes = 1_200_000_000L;
        PromptResult result = TestPrompts.run(
                attempts.attempt(
                        "a",
                        Graphs.of(Map.entry(
                                "1",
                                node("ProbeLargeFile", Map.of("bytes", bytes, "seed", color(), "extension", "png"))))),
                attempts.reporter);

        String fetched =
                LargeDownload.run(64, simulator.url(), result.outputs().files().getFirst());

        assertThat(fetched).isEqualTo("fetched " + bytes + " image/png");
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "mp4", "webm"})
    @Proves("X-13")
    void deliversOutputsOf25Megabytes(String extension) throws InterruptedException {
        JobOutput output = attempts.produce(
                        "a",
                        Graphs.of(Map.entry(
                                "1",
                                node(
                                        "ProbeLargeFile",
                                        Map.of("bytes", 25_000_000, "seed", color(), "extension", extension)))))
                .getFirst();

        assertThat(output.size()).isEqualTo(25_000_000);
        assertThat(attempts.bytes(output)).hasSize(25_000_000);
        assertThat(output.kind()).isEqualTo(extension.equals("png") ? "image" : "video");
    }

    private Failure failure(Map<String, Object> graph) {
        return failureWithin(20, graph);
    }

    private Failure failureWithin(int seconds, Map<String, Object> graph) {
        try {
            attempts.produce(attempts.attempt("a", graph, seconds));
        } catch (AttemptFailedException e) {
            log.info("failed as it should: {}", e.failure());
            return e.failure();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("The attempt did not fail");
    }

    private static int color() {
        return ThreadLocalRandom.current().nextInt(1 << 24);
    }
}
