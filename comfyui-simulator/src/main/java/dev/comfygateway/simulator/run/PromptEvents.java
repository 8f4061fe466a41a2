package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.socket.PreviewFrames;
import dev.comfygateway.simulator.socket.SocketHub;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.ObjectNode;

/** The messages about one prompt, and the list of them that its history entry keeps. */
public final class PromptEvents {

    private final SocketHub sockets;
    private final String promptId;
    private final @Nullable String clientId;
    private final Map<String, ObjectNode> progress = new LinkedHashMap<>();
    private final ArrayNode kept = Json.array();

    /** For one prompt; a client id of null means that some messages go to everybody. */
    public PromptEvents(SocketHub sockets, String promptId, @Nullable String clientId) {
        this.sockets = sockets;
        this.promptId = promptId;
        this.clientId = clientId;
    }

    ArrayNode kept() {
        return kept;
    }

    /** A message that the history keeps; told to the prompt's client, or to everybody if so asked. */
    void keep(String type, ObjectNode data, boolean elseEverybody) {
        data.put("timestamp", System.currentTimeMillis());
        kept.addArray().add(type).add(data);
        if (elseEverybody) {
            sockets.sendOrBroadcast(clientId, type, data);
        } else {
            sockets.send(clientId, type, data);
        }
    }

    /** A node was kept from running. It looks like an error, but the prompt goes on and its history keeps nothing of it. */
    void blocked(ObjectNode data, String message) {
        data.put("exception_message", "Execution Blocked: " + message).put("exception_type", "ExecutionBlocked");
        data.putArray("traceback");
        data.putArray("current_inputs");
        data.putArray("current_outputs");
        sockets.sendOrBroadcast(clientId, "execution_error", data);
    }

    void started() {
        sockets.running(clientId, null);
        keep("execution_start", Json.object().put("prompt_id", promptId), false);
    }

    void cached(Iterable<String> nodes) {
        ObjectNode data = Json.object();
        data.set("nodes", Json.strings(nodes));
        keep("execution_cached", data.put("prompt_id", promptId), false);
    }

    void nodeStarted(String node) {
        setProgress(node, DoubleNode.valueOf(0.0), DoubleNode.valueOf(1.0), "running");
        sendProgress();
        sockets.running(clientId, node);
        sockets.send(
                clientId,
                "executing",
                Json.object().put("node", node).put("display_node", node).put("prompt_id", promptId));
    }

    void step(String node, int value, int max, @Nullable BufferedImage preview) {
        setProgress(node, IntNode.valueOf(value), IntNode.valueOf(max), "running");
        sendProgress();
        boolean described = sockets.wantsPreviewMetadata(clientId);
        if (preview != null && described) {
            sockets.sendBinary(clientId, PreviewFrames.described(promptId, node, preview));
        }
        sockets.sendOrBroadcast(
                clientId,
                "progress",
                Json.object()
                        .put("value", value)
                        .put("max", max)
                        .put("prompt_id", promptId)
                        .put("node", node));
        if (preview != null && !described) {
            sockets.sendBinary(clientId, PreviewFrames.plain(preview));
        }
    }

    void executed(String node, @Nullable JsonNode output) {
        ObjectNode data = Json.object().put("node", node).put("display_node", node);
        data.set("output", output);
        sockets.send(clientId, "executed", data.put("prompt_id", promptId));
    }

    void nodeFinished(String node) {
        ObjectNode known = progress.get(node);
        JsonNode max = known == null ? IntNode.valueOf(1) : known.get("max");
        setProgress(node, max, max, "finished");
        sendProgress();
    }

    /** The prompt has ended and its history entry is there. */
    public void ended() {
        sockets.running(null, null);
        sockets.send(clientId, "executing", Json.object().putNull("node").put("prompt_id", promptId));
    }

    private void setProgress(String node, JsonNode value, JsonNode max, String state) {
        ObjectNode entry = progress.computeIfAbsent(node, id -> Json.object());
        entry.set("value", value);
        entry.set("max", max);
        entry.put("state", state)
                .put("node_id", node)
                .put("prompt_id", promptId)
                .put("display_node_id", node)
                .putNull("parent_node_id")
                .put("real_node_id", node);
    }

    private void sendProgress() {
        ObjectNode data = Json.object().put("prompt_id", promptId);
        ObjectNode nodes = data.putObject("nodes");
        progress.forEach(nodes::set);
        sockets.sendOrBroadcast(clientId, "progress_state", data);
    }
}
