package dev.comfygateway.worker.execution;

import dev.comfygateway.id.Ids;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.reporting.AttemptReporter;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.testing.TestBackends;
import java.util.Set;

/** Runs single prompts. */
final class TestPrompts {

    static final Set<String> OUTPUT_CLASSES =
            Set.of("SaveImage", "PreviewImage", "PreviewAny", "SaveImageWebsocket", "ProbeLargeFile");

    static final PromptListener DEAF = new PromptListener() {
        @Override
        public void ended() {}

        @Override
        public void preview(PromptSignal.Picture picture) {
            picture.file().close();
        }
    };

    private TestPrompts() {}

    static PromptResult run(Attempt attempt, AttemptReporter reporter) throws InterruptedException {
        return run(attempt, reporter, DEAF);
    }

    static PromptResult run(Attempt attempt, AttemptReporter reporter, PromptListener listener)
            throws InterruptedException {
        return run(attempt, reporter, listener, TestBackends.FAST);
    }

    static PromptResult run(
            Attempt attempt, AttemptReporter reporter, PromptListener listener, ExecutionProperties settings)
            throws InterruptedException {
        Prompt prompt = new Prompt(Ids.newPromptId(), attempt.grant().workflow(), OUTPUT_CLASSES);
        ProgressTracker tracker = new ProgressTracker(
                prompt.graph(), prompt.outputClasses(), prompt.id(), reporter, done -> {}, System::nanoTime);
        return new PromptRun(attempt, prompt, tracker, listener, settings).run();
    }
}
