package dev.comfygateway.worker.execution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.RecordingReporter;
import dev.comfygateway.worker.testing.TestBackends;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PromptRunTests {

    private final FakeComfyUi comfy = new FakeComfyUi();
    private final Backend backend = TestBackends.of(comfy.url());
    private final RecordingReporter reporter = new RecordingReporter();

    @AfterEach
    void close() {
        backend.socket().close();
        comfy.close();
    }

    @Test
    @Proves("S3-29")
    void readsHistoryAtTheEndMarker() throws InterruptedException {
        PromptResult result = run(grant(1, 10, 10));

        assertThat(result.outputs().nodes().contains("2")).isTrue();
        assertThat(result.executionTimeMs()).isEqualTo(10);
        assertThat(comfy.submissions.getFirst().clientId()).isEqualTo(comfy.clientIds.getFirst());
        assertThat(comfy.submissions.getFirst().promptId()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    @Test
    @Proves("X-8")
    void hearsEventsThatAreFasterThanTheAnswerToThePrompt() throws InterruptedException {
        comfy.beforeAnswer = comfy::succeed;
        comfy.script = submission -> {};

        PromptResult result = run(grant(1, 10, 10));

        assertThat(result.outputs().nodes().contains("2")).isTrue();
        assertThat(reporter.reports.getFirst()).isInstanceOf(AttemptReport.ExecutionStarted.class);
    }

    @Test
    void waitsForTheEntryWhenSuccessIsSaidBeforeIt() throws InterruptedException {
        comfy.script = submission -> {
            comfy.announce(submission);
            // the entry comes late, and the end marker not at all
            await().until(() -> comfy.calls.stream()
                            .filter(call -> call.startsWith("history"))
                            .count()
                    >= 2);
            comfy.history.put(submission.promptId(), comfy.successEntry(submission));
            comfy.running.remove(submission.promptId());
        };

        assertThat(run(grant(1, 10, 10)).outputs().nodes().contains("2")).isTrue();
    }

    @Test
    @Proves({"S0-44", "S0-45"})
    void finishesByPollingWhenTheSocketDrops() throws InterruptedException {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.dropSockets();
            await().until(() -> comfy.clientIds.size() >= 2);
            comfy.history.put(submission.promptId(), comfy.successEntry(submission));
            comfy.running.remove(submission.promptId());
        };

        assertThat(run(grant(1, 10, 10)).outputs().nodes().contains("2")).isTrue();
        assertThat(comfy.clientIds).doesNotHaveDuplicates();
    }

    @Test
    @Proves("S0-46")
    void understandsAHistoryAnswerThatIsTheEntryItself() throws InterruptedException {
        comfy.bareHistory = true;

        assertThat(run(grant(1, 10, 10)).outputs().nodes().contains("2")).isTrue();
    }

    @Test
    @Proves({"S1-32", "S1-33", "X-7"})
    void reportsAPromptInNeitherHistoryNorQueueAsLost() {
        comfy.script = submission -> {
            comfy.announce(submission);
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.PROMPT_LOST);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(failure.retryable()).isTrue();
    }

    @Test
    void doesNotSendAgainWhenThePromptArrivedButItsAnswerDidNot() throws InterruptedException {
        comfy.failAnswer = true;

        assertThat(run(grant(1, 10, 10)).outputs().nodes().contains("2")).isTrue();
        assertThat(comfy.submissions).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "torch.OutOfMemoryError | Allocation on device",
                "RuntimeError | CUDA out of memory. Tried to allocate 2.00 GiB",
                "RuntimeError | MPS allocator backend out of memory",
                "RuntimeError | failed to allocate 12 bytes"
            })
    @Proves("S0-47")
    void tellsMemoryErrorsByTypeOrText(String type, String text) {
        comfy.script = failing(type, text);

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_OOM);
        assertThat(failure.category()).isEqualTo(FailureCategory.OUT_OF_MEMORY);
        assertThat(failure.retryable()).isFalse();
        assertThat(comfy.calls).contains("free");
    }

    @Test
    @Proves("S0-48")
    void namesTheNodeThatFailedWithoutPathsOrTensors() {
        comfy.script = failing(
                "ValueError", "bad mask tensor([[0., 1.]]) in /opt/comfyui/models/x.safetensors\n\nsecond line\n");

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_NODE_ERROR);
        assertThat(failure.nodeId()).isEqualTo("1");
        assertThat(failure.nodeClass()).isEqualTo("KSampler");
        assertThat(failure.message()).isEqualTo("bad mask tensor in <path>");
    }

    @Test
    void pointsAtTheModelFileThatIsMissing() {
        comfy.refusal = new FakeComfyUi.Answer(400, """
                {"error":{"type":"prompt_outputs_failed_validation","message":"Prompt outputs failed validation",
                "details":"","extra_info":{}},"node_errors":{"1":{"errors":[{"type":"value_not_in_list",
                "message":"Value not in list","details":"ckpt_name: 'x.ckpt' not in []",
                "extra_info":{"input_name":"ckpt_name"}}],"dependent_outputs":["2"],
                "class_type":"CheckpointLoaderSimple"}}}""");

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.MODEL_NOT_AVAILABLE);
        assertThat(failure.category()).isEqualTo(FailureCategory.VALIDATION);
        assertThat(failure.errors()).extracting(FieldError::pointer).containsExactly("/workflow/1/inputs/ckpt_name");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "missing_node_type | Node 'Nope' not found | {\"node_id\":\"1\",\"class_type\":\"EmptyImage\"}",
                "invalid_prompt | Cannot execute because node EmptyImage does not exist. | {}"
            })
    void namesTheNodeClassThatIsNotInstalled(String type, String message, String extra) {
        comfy.refusal = new FakeComfyUi.Answer(
                400,
                "{\"error\":{\"type\":\"" + type + "\",\"message\":\"" + message
                        + "\",\"details\":\"Node ID '#1'\",\"extra_info\":" + extra + "},\"node_errors\":{}}");

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.NODE_NOT_AVAILABLE);
        assertThat(failure.nodeClass()).isEqualTo("EmptyImage");
        assertThat(failure.errors()).extracting(FieldError::pointer).containsExactly("/workflow/1/class_type");
    }

    @Test
    void refusesAPromptThatLostSomeOutputsAndCancelsIt() {
        comfy.nodeErrors = "{\"2\":{\"errors\":[{\"type\":\"required_input_missing\",\"message\":\"Required input is"
                + " missing\",\"details\":\"images\",\"extra_info\":{\"input_name\":\"images\"}}]}}";
        comfy.script = submission -> {};

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.INVALID_WORKFLOW);
        assertThat(comfy.calls).anyMatch(call -> call.startsWith("delete"));
    }

    @Test
    void cancelsWhatDidNotStartInTime() {
        comfy.script = submission -> comfy.pending.add(submission.promptId());

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_START_TIMEOUT);
        assertThat(failure.category()).isEqualTo(FailureCategory.TIMEOUT);
        assertThat(comfy.pending).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10, 1, 10, COMFYUI_NO_PROGRESS", "10, 10, 1, COMFYUI_TIMEOUT"})
    void cancelsWhatRunsForTooLong(int start, int noProgress, int total, ErrorCode code) {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
        };

        Failure failure = failure(grant(start, noProgress, total));

        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.category()).isEqualTo(FailureCategory.TIMEOUT);
        assertThat(comfy.running).isEmpty();
    }

    @Test
    void cancelsItsOwnPromptAndNoOther() throws InterruptedException {
        Attempt attempt = new Attempt(grant(10, 10, 10), backend);
        comfy.running.add("of somebody else");
        comfy.script = submission -> {
            comfy.pending.add(submission.promptId());
            attempt.stop(StopReason.CANCELED);
        };

        assertThatThrownBy(() -> run(attempt)).isInstanceOf(AttemptStoppedException.class);
        assertThat(comfy.running).containsExactly("of somebody else");
        String own = comfy.submissions.getFirst().promptId();
        assertThat(comfy.calls.stream().filter(call -> call.startsWith("interrupt")))
                .allMatch(call -> call.contains(own));
        assertThat(comfy.pending).isEmpty();
    }

    @Test
    @Proves("S1-29")
    void takesTheResultFromTheSocketWhenAnotherServerAnswersForTheHistory() throws InterruptedException {
        comfy.script = submission -> {
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.event(
                    submission,
                    "executed",
                    Map.of(
                            "node",
                            "2",
                            "display_node",
                            "2",
                            "output",
                            Map.of("images", List.of(Map.of("filename", "a.png", "subfolder", "", "type", "output")))));
            comfy.event(submission, "execution_success", Map.of("timestamp", 2));
            comfy.endMarker(submission);
        };

        PromptResult result = run(grant(10, 10, 10));

        assertThat(result.outputs().nodes()).containsExactly("2");
        assertThat(result.manyServers()).isTrue();
    }

    @Test
    @Proves("S1-29")
    void doesNotCallAPromptLostThatStillTalks() throws InterruptedException {
        comfy.script = submission -> {
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            await().pollInterval(Duration.ofMillis(20)).until(() -> {
                comfy.event(submission, "progress", Map.of("node", "1", "value", 1, "max", 8));
                return looks() > 12;
            });
            comfy.succeed(submission);
        };

        PromptResult result = run(grant(10, 10, 20));

        assertThat(result.manyServers()).isTrue();
    }

    @Test
    void callsAServerDeadThatTakesPromptsAndRunsNone() {
        comfy.script = submission -> comfy.pending.add(submission.promptId());

        Failure failure = failure(grant(60, 60, 60));

        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(failure.message()).contains("needs a restart");
        assertThat(comfy.pending).isEmpty();
        assertThat(backend.isSuspected()).isTrue();
    }

    @Test
    void waitsBehindThePromptOfSomebodyElse() throws InterruptedException {
        comfy.running.add("of somebody else");
        comfy.script = submission -> {
            comfy.pending.add(submission.promptId());
            // far longer than a server that runs nothing is trusted
            await().until(() -> looks() > 20);
            comfy.running.clear();
            comfy.pending.clear();
            comfy.succeed(submission);
        };

        assertThat(run(grant(60, 60, 60)).outputs().nodes()).contains("2");
    }

    @Test
    void doesNotWaitBehindAPromptThatItCouldNotStop() {
        comfy.script = submission -> comfy.running.add(submission.promptId());
        Failure first = failure(grant(1, 1, 1));
        assertThat(first.code()).isEqualTo(ErrorCode.COMFYUI_TIMEOUT);
        assertThat(comfy.running).hasSize(1);
        comfy.script = submission -> comfy.pending.add(submission.promptId());

        Failure second = failure(grant(60, 60, 60));

        assertThat(second.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(second.message()).contains("needs a restart");
    }

    @Test
    @Proves("X-7")
    void saysThatComfyUiWasRestarted() {
        comfy.script = submission -> {
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.dropSockets();
        };

        Failure failure = failure(grant(10, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.PROMPT_LOST);
        assertThat(failure.message()).contains("restarted");
    }

    @Test
    @Proves("S2-19")
    void keepsAResultThatIsThereJustPastTheLimit() throws InterruptedException {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> {
                comfy.history.put(submission.promptId(), comfy.successEntry(submission));
                comfy.running.remove(submission.promptId());
            };
        };

        assertThat(run(grant(1, 10, 1)).outputs().nodes()).contains("2");
    }

    @Test
    @Proves("S2-19")
    void doesNotCancelWhatIsFoundFinishedAtTheLimit() throws InterruptedException {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            // Nobody says so, and what the limit finds is there already.
            comfy.history.put(submission.promptId(), comfy.successEntry(submission));
            comfy.running.remove(submission.promptId());
        };
        ExecutionProperties rarely = TestBackends.fast(Map.of("poll-interval", "1m"));

        assertThat(TestPrompts.run(new Attempt(grant(1, 1, 1), backend), reporter, TestPrompts.DEAF, rarely)
                        .outputs()
                        .nodes())
                .contains("2");
        assertThat(comfy.calls).noneMatch(call -> call.startsWith("interrupt") || call.startsWith("delete"));
    }

    @Test
    @Proves("S0-43")
    void saysThatComfyUiIsUnreachable() {
        comfy.close();

        Failure failure = failure(grant(10, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_UNREACHABLE);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(failure.retryable()).isTrue();
    }

    @Test
    void givesUpToStopAPromptThatDoesNotStopAndSparesItsServer() throws InterruptedException {
        Attempt attempt = new Attempt(grant(10, 10, 10), backend);
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            attempt.stop(StopReason.CANCELED);
        };

        assertThatThrownBy(() -> run(attempt))
                .isInstanceOfSatisfying(
                        AttemptStoppedException.class,
                        e -> assertThat(e.reason()).isEqualTo(StopReason.CANCELED));

        assertThat(backend.isSuspected()).isTrue();
        assertThat(backend.hasAbandoned(comfy.submissions.getFirst().promptId()))
                .isTrue();
    }

    @Test
    void isTriedElsewhereWhenItWaitedBehindOthersForTooLong() {
        comfy.running.add("of somebody else");
        comfy.script = submission -> comfy.pending.add(submission.promptId());

        Failure failure = failure(grant(1, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_START_TIMEOUT);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
        assertThat(backend.isSuspected()).isFalse();
    }

    @Test
    void freesMemoryBeforeTheNextPromptMayRun() {
        comfy.script = submission -> {
            comfy.event(
                    submission,
                    "execution_error",
                    Map.of("exception_type", "torch.OutOfMemoryError", "exception_message", "Allocation on device"));
            failing("torch.OutOfMemoryError", "Allocation on device").accept(submission);
        };
        List<String> order = new CopyOnWriteArrayList<>();

        assertThatThrownBy(() ->
                        TestPrompts.run(new Attempt(grant(5, 10, 10), backend), reporter, new PromptListener() {
                            @Override
                            public void ended() {
                                order.add("ended, free asked for: " + comfy.calls.contains("free"));
                            }

                            @Override
                            public void preview(PromptSignal.Picture picture) {
                                picture.close();
                            }
                        }))
                .isInstanceOf(AttemptFailedException.class);

        assertThat(comfy.calls).contains("free");
        assertThat(order).doesNotContain("ended, free asked for: false");
    }

    @Test
    void noticesThatAProxyHasMadeItsPromptAQuestion() {
        comfy.refusal = new FakeComfyUi.Answer(200, "{\"exec_info\":{\"queue_remaining\":0}}");

        Failure failure = failure(grant(10, 10, 10));

        assertThat(failure.code()).isEqualTo(ErrorCode.COMFYUI_PROTOCOL_ERROR);
        assertThat(failure.category()).isEqualTo(FailureCategory.BACKEND_LOST);
    }

    @Test
    void readsNumbersThatAreNone() throws InterruptedException {
        comfy.script = submission -> {
            Map<String, Object> entry = new LinkedHashMap<>(comfy.successEntry(submission));
            entry.put(
                    "prompt",
                    List.of(0, Map.of("1", Map.of("is_changed", List.of(Double.NaN, Double.NEGATIVE_INFINITY)))));
            comfy.history.put(submission.promptId(), entry);
            comfy.endMarker(submission);
        };

        assertThat(run(grant(10, 10, 10)).outputs().nodes()).contains("2");
    }

    @Test
    void stopsAPromptWhoseAnswerItNeverGot() {
        Attempt attempt = new Attempt(grant(10, 10, 10), backend);
        comfy.failAnswer = true;
        comfy.failing.add("/queue");
        comfy.script = submission -> {
            comfy.pending.add(submission.promptId());
            attempt.stop(StopReason.CANCELED);
            comfy.failing.clear();
        };

        assertThatThrownBy(() -> run(attempt)).isInstanceOf(AttemptStoppedException.class);

        assertThat(comfy.pending).isEmpty();
    }

    private long looks() {
        return comfy.calls.stream().filter(call -> call.startsWith("history")).count();
    }

    private java.util.function.Consumer<FakeComfyUi.Submission> failing(String type, String text) {
        return submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.history.put(submission.promptId(), FakeComfyUi.errorEntry(type, text));
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
    }

    private Failure failure(Grant grant) {
        try {
            run(grant);
        } catch (AttemptFailedException e) {
            return e.failure();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        throw new AssertionError("The prompt did not fail");
    }

    private PromptResult run(Grant grant) throws InterruptedException {
        return run(new Attempt(grant, backend));
    }

    private PromptResult run(Attempt attempt) throws InterruptedException {
        return TestPrompts.run(attempt, reporter);
    }

    private static Grant grant(int start, int noProgress, int total) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", Map.of("class_type", "EmptyImage", "inputs", Map.of()));
        graph.put(
                "2",
                Map.of("class_type", "SaveImage", "inputs", Map.of("images", List.of("1", 0), "filename_prefix", "p")));
        return new Grant(
                "j",
                "at",
                1,
                "default",
                graph,
                List.of(),
                new Grant.Limits(start, noProgress, total),
                30,
                "ticket",
                false,
                false,
                null,
                null);
    }
}
