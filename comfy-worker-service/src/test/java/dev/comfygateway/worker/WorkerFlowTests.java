package dev.comfygateway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.testing.FakeComfyUi;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** What becomes of attempts. */
@ExtendWith(OutputCaptureExtension.class)
class WorkerFlowTests extends WorkerFlow {

    @Test
    @Proves({"S2-2", "S2-5"})
    void runsAGrantedAttemptAndReportsItsVerifiedOutput(CapturedOutput log) {
        Grant grant = grant("my picture & ü");
        run(grant);

        AttemptReport end = end(grant);
        assertThat(end).isInstanceOfSatisfying(AttemptReport.AttemptSucceeded.class, succeeded -> {
            assertThat(succeeded.executionTimeMs()).isEqualTo(10);
            assertThat(succeeded.outputs()).singleElement().satisfies(output -> {
                assertThat(output.filename()).isEqualTo("my picture & ü_00001_.png");
                assertThat(output.contentType()).isEqualTo("image/png");
                assertThat(platform.objects.get(output.assetId())).isEqualTo(FakeComfyUi.png());
            });
        });
        String bytes = "bytes=\"" + FakeComfyUi.png().length + "\"";
        assertThat(log.getOut().lines().filter(line -> line.contains(grant.jobId())))
                .anyMatch(line -> line.contains("Output downloaded") && line.contains(bytes))
                .anyMatch(line -> line.contains("Output uploaded") && line.contains(bytes) && line.contains("as_"));
        List<AttemptReport> all = reports(grant);
        assertThat(all.stream().map(AttemptReport::n).toList())
                .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(1, all.size())
                        .boxed()
                        .toList());
        assertThat(all.getFirst()).isInstanceOf(AttemptReport.ExecutionStarted.class);
        assertThat(all.stream().filter(AttemptReport.NodeFinished.class::isInstance))
                .hasSize(2);
        assertThat(all.get(all.size() - 2)).isInstanceOf(AttemptReport.OutputStored.class);
        assertThat(comfy.calls)
                .anyMatch(call ->
                        call.startsWith("view ") && call.contains("filename=my%20picture%20%26%20%C3%BC_00001_.png"));
        await().atMost(SOON).untilAsserted(() -> assertThat(comfy.calls).anyMatch(call -> call.startsWith("forget ")));
        assertThat(platform.putHeaders.getLast()).contains("If-None-Match=*").contains("x-amz-checksum-sha256");
        await().atMost(SOON)
                .until(() -> worker.getBean(HeldAttempts.class).ids().isEmpty());
    }

    @Test
    void asksAgainWithTheSameClaimWhenTheAnswerGotLost() {
        platform.loseAnswers.set(2);
        Grant grant = grant("lost");
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        String first = platform.claimIds.getFirst();
        assertThat(platform.claimIds).hasSizeGreaterThanOrEqualTo(3);
        assertThat(platform.claimIds.subList(0, 3)).containsOnly(first);
    }

    @Test
    void bringsInputsIntoARandomFolderAndNamesThemInTheGraph() throws Exception {
        byte[] picture = FakeComfyUi.png();
        platform.objects.put("as_1", picture);
        String sha =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(picture));
        Grant plain = grant("in");
        Grant grant = new Grant(
                plain.jobId(),
                plain.attemptId(),
                1,
                "default",
                plain.workflow(),
                List.of(new Grant.InputAsset(
                        "as_1", "photo.PNG", picture.length, sha, List.of(new Grant.InputUse("1", "image")))),
                plain.limits(),
                30,
                "ticket",
                false,
                false,
                null,
                null);
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        assertThat(comfy.submissions
                        .getLast()
                        .graph()
                        .path("1")
                        .path("inputs")
                        .path("image")
                        .asString())
                .matches("cg/[0-9a-f]{32}/given\\.png");
    }

    @Test
    void cancelsExactlyItsPromptWhenToldThroughTheControlTopic() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> {
                comfy.history.put(
                        submission.promptId(),
                        FakeComfyUi.entry(
                                Map.of(), "error", List.of(List.of("execution_interrupted", Map.of("node_id", "1")))));
                comfy.running.remove(submission.promptId());
                comfy.endMarker(submission);
            };
        };
        Grant grant = grant("cancel");
        run(grant);
        await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        send(
                Topics.JOBS_CONTROL,
                new EventEnvelope<>(
                        "1",
                        new EventType("attempt.stop-requested", 1),
                        "/job-service",
                        grant.jobId(),
                        Instant.now(),
                        null,
                        null,
                        new AttemptStopRequested(grant.jobId(), grant.attemptId(), "worker-1", Instant.now())));

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptCanceled.class);
        String promptId = comfy.submissions.getLast().promptId();
        assertThat(comfy.calls).contains("interrupt {\"prompt_id\":\"" + promptId + "\"}");
    }

    @Test
    void saysNothingMoreWhenItsLeaseHasEnded() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
        };
        Grant grant = grant("fenced");
        run(grant);
        await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        platform.ended.add(grant.attemptId());

        await().atMost(SOON)
                .until(() -> !worker.getBean(HeldAttempts.class).ids().contains(grant.attemptId()));
        comfy.script = comfy::succeed;
        Grant next = grant("next");
        run(next);
        assertThat(end(next)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        assertThat(reports(grant)).noneMatch(AttemptReport.Ended.class::isInstance);
    }

    @Test
    @Proves({"S2-4", "X-3"})
    void failsAnAttemptWhoseOutputIsEmpty() {
        comfy.script = submission -> {
            Map<String, Object> entry = comfy.successEntry(submission);
            comfy.files.replaceAll((name, bytes) -> name.contains("empty") ? new byte[0] : bytes);
            comfy.announce(submission);
            comfy.history.put(submission.promptId(), entry);
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
        Grant grant = grant("empty");
        run(grant);

        assertThat(end(grant))
                .isInstanceOfSatisfying(
                        AttemptReport.AttemptFailed.class,
                        failed -> assertThat(failed.failure().code()).isEqualTo(ErrorCode.OUTPUT_EMPTY));
    }

    @Test
    void givesBackWhatDoesNotEndWithinTheGraceAndSaysGoodbye() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
        };
        Grant grant = grant("evicted");
        try (ConfigurableApplicationContext other = worker("worker-2", "other", Map.of())) {
            assertThat(other.isRunning()).isTrue();
            run(grant, "other");
            await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        }

        assertThat(end(grant)).isInstanceOfSatisfying(AttemptReport.AttemptFailed.class, failed -> {
            assertThat(failed.failure().code()).isEqualTo(ErrorCode.ATTEMPT_EVICTED);
            assertThat(failed.failure().category()).isEqualTo(FailureCategory.EVICTED);
        });
        assertThat(comfy.running).isEmpty();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(beats("worker-2"))
                        .extracting(WorkerHeartbeat::state)
                        .endsWith(WorkerState.DRAINING, WorkerState.STOPPED));
    }

    @Test
    void runsAgainWithAnotherPrefixWhenACachedFileIsGone() {
        comfy.script = submission -> {
            comfy.announce(submission);
            boolean first = !submission.graph().toString().contains("-2/");
            comfy.cachedNodes = first ? List.of("1", "2") : List.of("1");
            Map<String, Object> entry = comfy.successEntry(submission);
            if (first) {
                comfy.files.keySet().removeIf(name -> name.contains("gone"));
            }
            comfy.history.put(submission.promptId(), entry);
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
        Grant grant = grant("gone");
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
    }

    @Test
    @Proves({"S3-30", "S3-34"})
    void takesNoWorkForAServerThatLosesItAndTriesAgain() {
        comfy.refusal = new FakeComfyUi.Answer(403, "");
        for (int i = 0; i < 5; i++) {
            Grant lost = grant("lost-" + i);
            run(lost);
            assertThat(end(lost))
                    .isInstanceOfSatisfying(
                            AttemptReport.AttemptFailed.class,
                            failed -> assertThat(failed.failure().category()).isEqualTo(FailureCategory.BACKEND_LOST));
        }
        await().atMost(SOON)
                .until(() -> lastBeat().state() == WorkerState.UNREACHABLE
                        && lastBeat().freePermits() == 0);

        comfy.refusal = null;
        Grant waiting = grant("waiting");
        run(waiting);

        assertThat(end(waiting)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        await().atMost(SOON).until(() -> lastBeat().state() == WorkerState.IDLE);
    }
}
