package dev.comfygateway.worker.backend;

import dev.comfygateway.id.Ids;
import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.PromptAnswer;
import dev.comfygateway.worker.backend.comfy.QueueState;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.springframework.web.client.RestClientException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A prompt whose result nobody wants: it shows that a ComfyUI runs prompts, has it load what its first job would wait
 * for, and makes sure that what was asked of it before is done.
 */
final class Trial {

    private static final String VARIABLE = "WORKER_WARM_UP_WORKFLOW";
    private static final long FIRST_LOOK_MS = 20;
    private static final long LAST_LOOK_MS = 250;

    private final @Nullable Map<String, Object> graph;

    private Trial(@Nullable Map<String, Object> graph) {
        this.graph = graph;
    }

    /** A tiny picture, which needs no model. */
    static Trial tiny() {
        return new Trial(null);
    }

    /**
     * Reads the graph from a file; throws {@link InvalidSettingException} naming the variable.
     *
     * @param file empty for the tiny one
     */
    static Trial of(@Nullable String file) {
        if (file == null || file.isBlank()) {
            return tiny();
        }
        try {
            JsonNode read = JsonMapper.shared().readTree(Path.of(file.strip()));
            if (!read.isObject()
                    || read.isEmpty()
                    || !read.propertyStream()
                            .allMatch(node -> node.getValue().path("class_type").isString())) {
                throw new InvalidSettingException(VARIABLE, "names a file that is no workflow in the API format");
            }
            return new Trial(JsonMapper.shared().convertValue(read, new TypeReference<Map<String, Object>>() {}));
        } catch (JacksonException | InvalidPathException e) {
            throw new InvalidSettingException(VARIABLE, "names a file that cannot be read as JSON");
        }
    }

    /**
     * Sends it and waits for its end. Blocks; the time it waits behind prompts of others does not count.
     *
     * @return whether it ended well in time; if it did not end it is stopped
     */
    boolean run(Backend backend, Duration timeout) throws InterruptedException {
        ComfyClient client = backend.client();
        String promptId = Ids.newPromptId();
        try {
            Map<String, Object> sent = graph == null ? tinyGraph() : graph;
            if (!(client.submit(promptId, null, sent) instanceof PromptAnswer.Accepted accepted)) {
                return false;
            }
            backend.numbered(accepted.number());
            long deadline = System.nanoTime() + timeout.toNanos();
            long pause = FIRST_LOOK_MS;
            Optional<JsonNode> entry = client.history(promptId);
            while (entry.isEmpty()) {
                Thread.sleep(pause);
                pause = Math.min(pause * 2, LAST_LOOK_MS);
                entry = client.history(promptId);
                if (entry.isEmpty()) {
                    QueueState queue = client.queue();
                    if (waitsForOthers(queue, promptId, backend)) {
                        deadline = System.nanoTime() + timeout.toNanos();
                    } else if (System.nanoTime() > deadline) {
                        client.deleteFromQueue(promptId);
                        if (queue.running().contains(promptId)
                                && backend.status().targetedInterrupt()) {
                            client.interrupt(promptId);
                        }
                        return false;
                    }
                }
            }
            client.deleteHistory(promptId);
            return entry.get().at("/status/status_str").asString("success").equals("success");
        } catch (InterruptedException e) {
            withdraw(client, promptId);
            throw e;
        } catch (RestClientException | ComfyAnswerException e) {
            return false;
        }
    }

    /** Nobody waits for it any more. */
    private static void withdraw(ComfyClient client, String promptId) {
        try {
            client.deleteFromQueue(promptId);
        } catch (RestClientException | ComfyAnswerException e) {
            // It is tiny, and runs in vain.
        }
    }

    private static boolean waitsForOthers(QueueState queue, String promptId, Backend backend) {
        return !queue.running().contains(promptId)
                && queue.running().stream().anyMatch(id -> !backend.hasAbandoned(id));
    }

    /** Of another color each time: what is known already would not be run. */
    private static Map<String, Object> tinyGraph() {
        int color = ThreadLocalRandom.current().nextInt(1 << 24);
        return Map.of(
                "1",
                Map.of(
                        "class_type",
                        "EmptyImage",
                        "inputs",
                        Map.of("width", 16, "height", 16, "batch_size", 1, "color", color)),
                "2",
                Map.of("class_type", "PreviewImage", "inputs", Map.of("images", List.of("1", 0))));
    }
}
