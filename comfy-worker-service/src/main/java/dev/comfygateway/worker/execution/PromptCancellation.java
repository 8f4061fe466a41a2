package dev.comfygateway.worker.execution;

import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.settings.ExecutionProperties;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.RestClientException;

/** Stops one prompt, and no other that the server has. */
final class PromptCancellation {

    private static final Logger log = LoggerFactory.getLogger(PromptCancellation.class);

    private final Backend backend;
    private final String promptId;
    private final ExecutionProperties settings;

    PromptCancellation(Backend backend, String promptId, ExecutionProperties settings) {
        this.backend = backend;
        this.promptId = promptId;
        this.settings = settings;
    }

    /**
     * Deletes the prompt from the queue, interrupts it by id, and looks; again and again, because an interrupt that
     * arrives just as a prompt starts is lost, until the prompt is in the queue no more. Where the server does both in
     * one step, it is asked to.
     *
     * <p>Blocks. A backend that did not stop its prompt is not used again before it has shown that it still runs
     * prompts.
     *
     * @param atMost gives up then
     */
    void run(Duration atMost) throws InterruptedException {
        long began = System.nanoTime();
        long refusedSince = 0;
        while (System.nanoTime() - began < atMost.toNanos()) {
            try {
                if (stopped()) {
                    log.atInfo().addKeyValue(LogKeys.PROMPT_ID, promptId).log("Prompt stopped");
                    return;
                }
                refusedSince = 0;
            } catch (RestClientException | ComfyAnswerException e) {
                long now = System.nanoTime();
                if (refusedSince == 0) {
                    refusedSince = now;
                } else if (now - refusedSince > settings.unreachableAfter().toNanos()) {
                    break;
                }
            }
            Thread.sleep(settings.cancelRepeat());
        }
        backend.abandon(promptId);
    }

    private boolean canceledInOneStep(ComfyClient client) {
        if (!backend.status().atomicCancel()) {
            return false;
        }
        try {
            client.cancelJob(promptId);
            return true;
        } catch (ComfyAnswerException e) {
            if (e.status() == 404 || e.status() == 405) {
                return false; // a proxy that lets only the old routes pass
            }
            throw e;
        }
    }

    private boolean stopped() {
        ComfyClient client = backend.client();
        if (!canceledInOneStep(client)) {
            client.deleteFromQueue(promptId);
            // Old servers interrupt whatever runs, so they are asked first what that is.
            if (backend.status().targetedInterrupt() || client.queue().running().contains(promptId)) {
                client.interrupt(promptId);
            }
        }
        return client.history(promptId).isPresent() || !client.queue().holds(promptId);
    }
}
