package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.graph.Json;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A prompt's graph while it runs: nodes may put others in their place, which then belong to them. */
final class RunGraph {

    /**
     * Who a node is.
     *
     * @param id its id, made up for nodes that the client did not send
     * @param display the node of the client that shows it
     * @param parent the node that put it there, or null
     */
    record Identity(String id, String display, @Nullable String parent) {

        /** Adds what progress and previews tell about it. */
        ObjectNode toJson(ObjectNode data) {
            return data.put("display_node_id", display)
                    .put("parent_node_id", parent)
                    .put("real_node_id", display);
        }

        /** What the history tells about it. */
        ObjectNode meta() {
            return Json.object()
                    .put("node_id", id)
                    .put("display_node", display)
                    .put("parent_node", parent)
                    .put("real_node_id", display);
        }
    }

    private final ObjectNode sent;
    private final Map<String, ObjectNode> added = new LinkedHashMap<>();
    private final Map<String, Identity> identities = new HashMap<>();

    RunGraph(ObjectNode sent) {
        this.sent = sent;
    }

    /** The graph as the client sent it. */
    ObjectNode sent() {
        return sent;
    }

    boolean isSent(String id) {
        return !added.containsKey(id);
    }

    /** Puts a node into the place of another. */
    void add(String parent, String id, ObjectNode node) {
        added.put(id, node);
        identities.put(id, new Identity(id, identity(parent).display(), parent));
    }

    List<String> added() {
        return List.copyOf(added.keySet());
    }

    Identity identity(String id) {
        return identities.getOrDefault(id, new Identity(id, id, null));
    }

    ObjectNode node(String id) {
        ObjectNode node = added.get(id);
        return node == null ? (ObjectNode) sent.get(id) : node;
    }

    JsonNode inputs(String id) {
        return node(id).path("inputs");
    }

    String nodeClass(String id) {
        return node(id).get("class_type").stringValue();
    }
}
