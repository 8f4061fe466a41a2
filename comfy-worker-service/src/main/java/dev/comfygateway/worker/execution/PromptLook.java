package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.QueueState;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.Optional;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.JsonNode;

/** What a look at the server has shown of one prompt. */
sealed interface PromptLook {

    /** It is in the history. */
    record Finished(JsonNode entry) implements PromptLook {}

    /** It is not; whether it waits or runs is in the queue. */
    record Absent(QueueState queue) implements PromptLook {}

    /**
     * The server did not say.
     *
     * @param refused whether it cannot be reached at all, rather than being slow or confused
     */
    record Blind(boolean refused) implements PromptLook {}

    /**
     * Reads history, then the queue, then history again: a prompt may end between two questions. Blocks.
     *
     * @param thorough looks several times and in another order, because a balancer may send every second question
     *     elsewhere
     */
    static PromptLook of(ComfyClient client, String promptId, boolean thorough) {
        try {
            for (int round = 0; round < (thorough ? 2 : 0); round++) {
                Optional<JsonNode> entry = client.history(promptId);
                if (entry.isPresent()) {
                    return new Finished(entry.get());
                }
                for (int again = 0; again < 2; again++) {
                    QueueState queue = client.queue();
                    if (queue.holds(promptId)) {
                        return new Absent(queue);
                    }
                }
            }
            Optional<JsonNode> before = client.history(promptId);
            if (before.isPresent()) {
                return new Finished(before.get());
            }
            QueueState queue = client.queue();
            if (queue.holds(promptId)) {
                return new Absent(queue);
            }
            Optional<JsonNode> after = client.history(promptId);
            return after.isPresent() ? new Finished(after.get()) : new Absent(queue);
        } catch (ResourceAccessException e) {
            return new Blind(!isTimeout(e));
        } catch (RestClientException | ComfyAnswerException e) {
            return new Blind(false);
        }
    }

    private static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return false;
            }
            if (cause instanceof HttpTimeoutException || cause instanceof SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
