package dev.comfygateway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.FakePlatform;
import dev.comfygateway.worker.testing.LatePort;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;

/** How a worker comes, is drained and goes. */
@Timeout(90)
class WorkerPresenceTests extends WorkerFlow {

    /** Far longer than a test may take: what ends before has not waited for it. */
    private static final Map<String, String> LONG_GRACE = Map.of("comfy.worker.execution.grace", "10m");

    private CountDownLatch done;

    @BeforeEach
    void begin() {
        done = new CountDownLatch(1);
    }

    @AfterEach
    void takeWorkAgain() {
        done.countDown();
        platform.drained.clear();
    }

    @Test
    void takesNothingWhileAnOperatorDrainsItFinishesWhatItHasAndTakesWorkAgain() {
        runsUntilDone();
        Grant running = grant("running");
        run(running);
        await().atMost(SOON).until(() -> !reports(running).isEmpty());
        platform.drained.add("worker-1");
        await().atMost(SOON).until(() -> lastBeat().state() == WorkerState.DRAINING);
        platform.claimIds.clear();
        Grant waiting = grant("waiting");
        run(waiting);

        done.countDown();
        assertThat(end(running)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        comfy.script = comfy::succeed;
        int renewed = platform.renewals.size();
        await().atMost(SOON).until(() -> platform.renewals.size() > renewed + 10);
        assertThat(platform.claimIds).isEmpty();
        assertThat(lastBeat().state()).isEqualTo(WorkerState.DRAINING);
        assertThat(lastBeat().freePermits()).isZero();

        platform.drained.clear();
        assertThat(end(waiting)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        await().atMost(SOON).until(() -> lastBeat().state() == WorkerState.IDLE);
    }

    @Test
    void saysThatItIsBusyAlthoughItTakesTheNextAlready() {
        runsUntilDone();
        // Shorter than how long before its end the next one is taken.
        Grant almostDone = grant("almost", 9.0);
        run(almostDone);
        await().atMost(SOON).until(() -> says(1, 1));

        done.countDown();
        assertThat(end(almostDone)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        await().atMost(SOON).until(() -> says(1, 0));
    }

    private boolean says(int freePermits, int heldAttempts) {
        Integer held = lastBeat().heldAttempts();
        return lastBeat().freePermits() == freePermits && held != null && held == heldAttempts;
    }

    @Test
    void stopsAsEverWhileAnOperatorDrainsIt() {
        runsUntilDone();
        Grant grant = grant("drained", 3600.0);
        try (ConfigurableApplicationContext other = worker("drained", "other", LONG_GRACE)) {
            assertThat(other.isRunning()).isTrue();
            run(grant, "other");
            await().atMost(SOON).until(() -> !reports(grant).isEmpty());
            platform.drained.add("drained");
            await().atMost(SOON).until(() -> beats("drained").getLast().state() == WorkerState.DRAINING);
        }

        assertThat(end(grant)).isInstanceOfSatisfying(AttemptReport.AttemptFailed.class, this::isGivenBack);
        saidGoodbye("drained");
    }

    @Test
    void givesBackAtOnceWhatDoesNotFitTheGrace() {
        runsUntilDone();
        Grant grant = grant("long", 3600.0);
        try (ConfigurableApplicationContext other = worker("hasty", "other", LONG_GRACE)) {
            assertThat(other.isRunning()).isTrue();
            run(grant, "other");
            await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        }

        assertThat(end(grant)).isInstanceOfSatisfying(AttemptReport.AttemptFailed.class, this::isGivenBack);
        assertThat(comfy.running).isEmpty();
        saidGoodbye("hasty");
    }

    @Test
    void finishesWhatFitsTheGraceAndGivesBackWhatHasCostNothing() {
        runsUntilDone();
        Grant running = grant("running", 8.0);
        Grant prepared = grant("prepared");
        try (ConfigurableApplicationContext other = worker("patient", "other", LONG_GRACE)) {
            assertThat(other.isRunning()).isTrue();
            run(running, "other");
            await().atMost(SOON).until(() -> !reports(running).isEmpty());
            run(prepared, "other");
            await().atMost(SOON).until(() -> isRenewed("patient", prepared));
            Thread.ofVirtual().start(() -> {
                await().atMost(SOON)
                        .until(() -> reports(prepared).stream().anyMatch(AttemptReport.Ended.class::isInstance));
                int renewed = platform.renewals.size();
                await().atMost(SOON)
                        .until(() -> platform.renewals.stream()
                                .skip(renewed)
                                .anyMatch(renewal -> renewal.toString().contains(running.attemptId())));
                done.countDown();
            });
        }

        assertThat(end(prepared)).isInstanceOfSatisfying(AttemptReport.AttemptFailed.class, this::isGivenBack);
        assertThat(end(running)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        assertThat(comfy.submissions).noneMatch(sent -> sent.graph().toString().contains(prepared.attemptId()));
        saidGoodbye("patient");
    }

    @Test
    @Proves("X-9")
    void takesQueuedOffersOnceItsComfyUiHasComeUp() throws Exception {
        int port = LatePort.free();
        Grant queued = grant("queued");
        run(queued, "second");
        try (ConfigurableApplicationContext other =
                worker("cold", "second", Map.of("comfy.worker.backend.url", "http://127.0.0.1:" + port))) {
            assertThat(other.isRunning()).isTrue();
            await().atMost(SOON).until(() -> beats("cold").size() > 3);
            assertThat(beats("cold")).extracting(WorkerHeartbeat::state).containsOnly(WorkerState.UNREACHABLE);
            assertThat(reports(queued)).isEmpty();

            try (FakeComfyUi late = new FakeComfyUi(port)) {
                assertThat(end(queued)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
                assertThat(late.submissions).hasSize(1);
            }
        }
    }

    @Test
    @Proves("X-9")
    void waitsForKafkaAndJobServiceAndTakesQueuedOffersThen() throws Exception {
        int jobs = LatePort.free();
        int kafkaPort = LatePort.free();
        Grant queued = grant("early");
        run(queued, "third");
        platform.grants.clear();
        try (ConfigurableApplicationContext other = worker(
                "early",
                "third",
                Map.of(
                        "spring.kafka.bootstrap-servers",
                        "127.0.0.1:" + kafkaPort,
                        "comfy.worker.peers.job-service-url",
                        "http://127.0.0.1:" + jobs))) {
            assertThat(other.isRunning()).isTrue();
            assertThat(beats("early")).isEmpty();

            try (LatePort bootstrap = new LatePort(kafkaPort, broker.getBrokersAsString())) {
                await().atMost(SOON).until(() -> !beats("early").isEmpty());
                assertThat(bootstrap.connections()).isPositive();
                try (FakePlatform late = new FakePlatform(jobs)) {
                    late.grants.add(queued);
                    assertThat(end(queued)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
                }
            }
        }
    }

    private void runsUntilDone() {
        CountDownLatch end = done;
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
            try {
                end.await();
            } catch (InterruptedException e) {
                return;
            }
            if (comfy.running.contains(submission.promptId())) {
                comfy.succeed(submission);
            }
        };
    }

    private boolean isRenewed(String workerId, Grant grant) {
        return platform.renewals.stream()
                .anyMatch(renewal -> renewal.path("workerId").asString().equals(workerId)
                        && renewal.path("attemptIds").toString().contains(grant.attemptId()));
    }

    private void isGivenBack(AttemptReport.AttemptFailed failed) {
        assertThat(failed.failure().category()).isEqualTo(FailureCategory.EVICTED);
    }

    private void saidGoodbye(String workerId) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(beats(workerId))
                        .extracting(WorkerHeartbeat::state)
                        .endsWith(WorkerState.DRAINING, WorkerState.STOPPED));
    }
}
