package dev.comfygateway.simulator.node;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a node gave back.
 *
 * @param values one per output slot
 * @param ui what the user interface gets to see, or null
 */
public record NodeOutcome(List<NodeValue> values, @Nullable ObjectNode ui) {

    /** Copies the list. */
    public NodeOutcome {
        values = List.copyOf(values);
    }

    static NodeOutcome of(NodeValue... values) {
        return new NodeOutcome(List.of(values), null);
    }

    /** The memory it takes, in bytes, roughly. */
    public long weight() {
        return 200 + values.stream().mapToLong(NodeValue::weight).sum();
    }
}
