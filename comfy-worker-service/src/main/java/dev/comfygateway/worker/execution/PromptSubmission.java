package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.PromptAnswer;
import dev.comfygateway.worker.settings.ExecutionProperties;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.JsonNode;

/** Sends one prompt so that it is queued once, whatever becomes of the answers. */
final class PromptSubmission {

    private static final int SENDS = 3;

    private final Attempt attempt;
    private final Backend backend;
    private final Map<String, Object> graph;
    private final String promptId;
    private final ExecutionProperties settings;
    private final BooleanSupplier heard;
    private boolean uncertain;

    /** @param heard whether the socket has said anything about the prompt */
    PromptSubmission(
            Attempt attempt,
            Map<String, Object> graph,
            String promptId,
            ExecutionProperties settings,
            BooleanSupplier heard) {
        this.attempt = attempt;
        this.backend = attempt.backend();
        this.graph = graph;
        this.promptId = promptId;
        this.settings = settings;
        this.heard = heard;
    }

    /**
     * Blocks until the prompt is known to be queued.
     *
     * @return whether a socket hears its events
     * @throws AttemptFailedException when ComfyUI refuses it, or cannot be reached
     */
    boolean send() throws InterruptedException {
        for (int tries = 1; ; tries++) {
            attempt.check();
            String clientId = backend.socket().connect();
            try {
                switch (backend.client().submit(promptId, clientId, graph)) {
                    case PromptAnswer.Refused(int status, JsonNode body) ->
                        throw new AttemptFailedException(FailureMapper.refused(status, body, graph));
                    case PromptAnswer.Accepted accepted -> accepted(accepted);
                }
                return clientId != null;
            } catch (ComfyAnswerException e) {
                uncertain = e.status() >= 500;
                if (e.status() < 500) {
                    throw PromptFailures.protocol("ComfyUI answered the prompt with status " + e.status());
                }
                if (isKnown()) {
                    return clientId != null;
                }
                if (tries >= SENDS) {
                    throw PromptFailures.protocol("ComfyUI could not take the prompt (status " + e.status() + ")");
                }
            } catch (ResourceAccessException e) {
                // Sending is not idempotent: the prompt may be there although its answer is not.
                uncertain = true;
                if (isKnown()) {
                    return clientId != null;
                }
                if (tries >= SENDS) {
                    throw PromptFailures.unreachable();
                }
            }
        }
    }

    /** Whether the prompt may be on the server although {@link #send} did not return. */
    boolean isUncertain() {
        return uncertain;
    }

    private void accepted(PromptAnswer.Accepted answer) throws InterruptedException {
        backend.prompted(answer.number());
        if (!answer.promptId().equals(promptId)) {
            new PromptCancellation(backend, answer.promptId(), settings).run(settings.cancelAtMost());
            throw PromptFailures.protocol("ComfyUI gave the prompt another id");
        }
        if (!answer.nodeErrors().isEmpty() && !attempt.grant().allowPartialOutputs()) {
            new PromptCancellation(backend, promptId, settings).run(settings.cancelAtMost());
            throw new AttemptFailedException(
                    FailureMapper.nodeErrors(answer.nodeErrors(), "ComfyUI refused some outputs of the workflow"));
        }
    }

    /** Whether a prompt whose answer was lost has arrived. Waits for the server to come back for a while. */
    private boolean isKnown() throws InterruptedException {
        long deadline = System.nanoTime() + settings.unreachableAfter().toNanos();
        long pause = 100;
        while (true) {
            attempt.check();
            if (heard.getAsBoolean()) {
                return true;
            }
            try {
                return backend.client().queue().holds(promptId)
                        || backend.client().history(promptId).isPresent();
            } catch (RestClientException | ComfyAnswerException e) {
                if (System.nanoTime() > deadline) {
                    throw PromptFailures.unreachable();
                }
            }
            Thread.sleep(pause);
            pause = Math.min(pause * 2, 2_000);
        }
    }
}
