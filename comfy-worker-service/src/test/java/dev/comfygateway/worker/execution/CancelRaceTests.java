package dev.comfygateway.worker.execution;

import static dev.comfygateway.worker.execution.Graphs.canvas;
import static dev.comfygateway.worker.execution.Graphs.saved;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.TestBackends;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cancel at every moment of an attempt: one final report, a free slot, and a prompt that does not run on. */
@Timeout(60)
@Proves("X-6")
class CancelRaceTests {

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final Backend backend = TestBackends.of(comfy.url());
    private final TestRunner runner = new TestRunner();
    private final CountDownLatch held = new CountDownLatch(1);
    private final CountDownLatch reached = new CountDownLatch(1);

    @AfterEach
    void close() {
        held.countDown();
        runner.close();
        backend.socket().close();
        comfy.close();
    }

    @Test
    void cancelsWhileItsInputsAreBeingUploaded() throws Exception {
        byte[] picture = FakeComfyUi.png();
        runner.platform.objects.put("as_1", picture);
        comfy.onUpload = this::hold;
        Grant.InputAsset input = new Grant.InputAsset(
                "as_1",
                "a.png",
                picture.length,
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(picture)),
                List.of(new Grant.InputUse("1", "image")));
        Attempt attempt = new Attempt(TestAttempts.grant("a", saved(1, canvas(2)), List.of(input), false), backend);
        runner.start(attempt);
        reached.await();

        attempt.stop(StopReason.CANCELED);

        isCanceled();
        assertThat(comfy.submissions).isEmpty();
    }

    @Test
    void cancelsWhileItWaitsForTheGpu() throws Exception {
        assertThat(backend.slot().awaitExecute(Duration.ZERO)).isTrue();
        backend.slot().expects(5.0);
        backend.slot().progressed(0.99999);
        Attempt attempt = attempt();
        runner.start(attempt);

        attempt.stop(StopReason.CANCELED);

        assertThat(runner.end()).isInstanceOf(AttemptReport.AttemptCanceled.class);
        backend.slot().releaseExecute();
        isCanceled();
        assertThat(comfy.submissions).isEmpty();
    }

    @Test
    void cancelsBetweenThePromptAndItsAnswer() throws Exception {
        comfy.beforeAnswer = submission -> {
            comfy.pending.add(submission.promptId());
            hold();
        };
        comfy.script = submission -> {};
        Attempt attempt = attempt();
        runner.start(attempt);
        reached.await();

        attempt.stop(StopReason.CANCELED);
        held.countDown();

        isCanceled();
        assertThat(comfy.pending).isEmpty();
    }

    @Test
    void cancelsInANodeThatDoesNotReact() throws Exception {
        comfy.script = this::starts;
        comfy.onInterrupt = reached::countDown;
        Attempt attempt = attempt();
        runner.start(attempt);
        await().until(() -> !runner.reports().isEmpty());

        attempt.stop(StopReason.CANCELED);
        reached.await();
        // It ends by itself, and with a result nobody wants any more.
        comfy.succeed(comfy.submissions.getFirst());

        isCanceled();
        assertThat(backend.isSuspected()).isFalse();
    }

    @Test
    void cancelsANodeThatNeverReactsAndDoesNotUseItsServer() throws Exception {
        comfy.script = this::starts;
        Attempt attempt = attempt();
        runner.start(attempt);
        await().until(() -> !runner.reports().isEmpty());

        attempt.stop(StopReason.CANCELED);

        isCanceled();
        assertThat(backend.isSuspected()).isTrue();
    }

    @Test
    void cancelsWhileItsOutputsAreBeingUploaded() throws Exception {
        runner.platform.onPut = this::hold;
        Attempt attempt = attempt();
        runner.start(attempt);
        reached.await();

        attempt.stop(StopReason.CANCELED);

        isCanceled();
    }

    @Test
    void doesNothingAfterTheEnd() throws Exception {
        Attempt attempt = attempt();
        runner.start(attempt);
        assertThat(runner.end()).isInstanceOf(AttemptReport.AttemptSucceeded.class);

        attempt.stop(StopReason.CANCELED);
        runner.held.stop(attempt.id(), StopReason.CANCELED);

        assertThat(runner.end()).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        endedOnce();
        assertThat(comfy.calls).noneMatch(call -> call.startsWith("interrupt"));
    }

    @Test
    void keepsTheResultWhoseReportIsOnItsWay() throws Exception {
        runner.kafkaAway = true;
        Attempt attempt = attempt();
        runner.start(attempt);
        await().until(() -> backend.slot().isIdle());
        assertThat(runner.platform.objects).hasSize(1);

        attempt.stop(StopReason.CANCELED);
        runner.kafkaAway = false;

        assertThat(runner.end()).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        endedOnce();
    }

    @Test
    void cancelsOnceWhenToldTwiceAtOnce() throws Exception {
        comfy.script = this::starts;
        comfy.onInterrupt = () -> comfy.running.clear();
        Attempt attempt = attempt();
        runner.start(attempt);
        await().until(() -> !runner.reports().isEmpty());

        Thread one = Thread.ofVirtual().start(() -> attempt.stop(StopReason.CANCELED));
        Thread other = Thread.ofVirtual().start(() -> runner.held.stop(attempt.id(), StopReason.CANCELED));
        one.join();
        other.join();

        isCanceled();
    }

    @Test
    void cancelsAlthoughTheWorkerIsBeingStoppedToo() throws Exception {
        comfy.script = this::starts;
        comfy.onInterrupt = () -> comfy.running.clear();
        Attempt attempt = new Attempt(TestAttempts.grant(saved(1, canvas(2)), false, 3600.0), backend);
        runner.start(attempt);
        await().until(() -> !runner.reports().isEmpty());

        Thread stop = Thread.ofVirtual().start(() -> attempt.giveBackUnlessOverWithin(Duration.ofSeconds(1)));
        Thread cancel = Thread.ofVirtual().start(() -> attempt.stop(StopReason.CANCELED));
        stop.join();
        cancel.join();

        AttemptReport end = runner.end();
        // Whichever was noticed first; job-service has the job canceled in both cases.
        assertThat(end).isInstanceOfAny(AttemptReport.AttemptCanceled.class, AttemptReport.AttemptFailed.class);
        endedOnce();
        assertThat(comfy.running).isEmpty();
    }

    private Attempt attempt() {
        return new Attempt(TestAttempts.grant("a", saved(1, canvas(2)), List.of(), false), backend);
    }

    private void starts(FakeComfyUi.Submission submission) {
        comfy.running.add(submission.promptId());
        comfy.event(submission, "execution_start", Map.of("timestamp", 1));
    }

    private void hold() {
        reached.countDown();
        try {
            held.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void isCanceled() throws InterruptedException {
        assertThat(runner.end()).isInstanceOf(AttemptReport.AttemptCanceled.class);
        endedOnce();
    }

    private void endedOnce() throws InterruptedException {
        assertThat(runner.held.awaitNone(Duration.ofSeconds(20))).isTrue();
        assertThat(runner.reports().stream().filter(AttemptReport.Ended.class::isInstance))
                .hasSize(1);
        assertThat(backend.slot().isIdle()).isTrue();
    }
}
