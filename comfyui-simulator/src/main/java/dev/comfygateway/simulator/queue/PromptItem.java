package dev.comfygateway.simulator.queue;

import dev.comfygateway.simulator.graph.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A queued prompt.
 *
 * @param number its priority, lower runs first; a whole number unless the client chose it
 * @param id the prompt's id
 * @param graph the graph
 * @param extraData what was sent beside it
 * @param outputs the output nodes to run
 */
public record PromptItem(JsonNode number, String id, ObjectNode graph, ObjectNode extraData, List<String> outputs)
        implements Comparable<PromptItem> {

    /** The members of extra data that are nobody's business. */
    public static final List<String> SECRETS = List.of("auth_token_comfy_org", "api_key_comfy_org");

    /** Copies the list. */
    public PromptItem {
        outputs = List.copyOf(outputs);
    }

    /** The socket that hears about it: null means everybody, an empty string nobody. */
    public @Nullable String clientId() {
        JsonNode id = extraData.path("client_id");
        return id.isMissingNode() || id.isNull() ? null : id.asString();
    }

    /** The five-element form of {@code GET /queue} and of the history. */
    public ArrayNode toJson() {
        return Json.array().add(number).add(id).add(graph).add(extraData).add(Json.strings(outputs));
    }

    /** The same without secrets: the old release showed them in its queue, but kept them out of the history. */
    public ArrayNode toHistory() {
        ObjectNode extra = extraData.deepCopy();
        extra.remove(SECRETS);
        return Json.array().add(number).add(id).add(graph).add(extra).add(Json.strings(outputs));
    }

    @Override
    public int compareTo(PromptItem other) {
        int byNumber = Double.compare(number.asDouble(), other.number.asDouble());
        return byNumber != 0 ? byNumber : id.compareTo(other.id);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
