package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.graph.Json;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node gave back.
 *
 * @param values one per output slot
 * @param ui what the user interface gets to see, or null
 * @param expansion the nodes that make the values, or null when they are here
 * @param delay how long it takes until the values are there; other nodes run meanwhile
 */
public record NodeOutcome(
        List<NodeValue> values,
        @Nullable ObjectNode ui,
        @Nullable Expansion expansion,
        Duration delay) {

    /** Copies the list. */
    public NodeOutcome {
        values = List.copyOf(values);
    }

    /** Values that are there at once. */
    public NodeOutcome(List<NodeValue> values, @Nullable ObjectNode ui) {
        this(values, ui, null, Duration.ZERO);
    }

    static NodeOutcome of(NodeValue... values) {
        return new NodeOutcome(List.of(values), null);
    }

    static NodeOutcome later(Duration delay, NodeValue... values) {
        return new NodeOutcome(List.of(values), null, null, delay);
    }

    static NodeOutcome expanded(Expansion expansion) {
        return new NodeOutcome(List.of(), null, expansion, Duration.ZERO);
    }

    /** No values, but one file that is shown. */
    static NodeOutcome shown(String key, ObjectNode file) {
        ObjectNode ui = Json.object();
        ui.putArray(key).add(file);
        return new NodeOutcome(List.of(), ui);
    }

    /** The memory it takes, in bytes, roughly. */
    public long weight() {
        return 200 + values.stream().mapToLong(NodeValue::weight).sum();
    }
}
