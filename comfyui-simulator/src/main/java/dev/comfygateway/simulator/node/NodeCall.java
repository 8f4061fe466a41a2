package dev.comfygateway.simulator.node;

import java.awt.image.BufferedImage;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call of a node.
 *
 * @param id the node's id
 * @param literals the inputs given as values
 * @param links the inputs given as links, resolved
 * @param graph the whole graph
 * @param extraData what was sent beside it
 * @param progress where steps are told
 */
public record NodeCall(
        String id,
        ObjectNode literals,
        Map<String, NodeValue> links,
        ObjectNode graph,
        ObjectNode extraData,
        Progress progress) {

    /** Before the name of an input: its link as the graph has it, among the literals. */
    public static final String LINK = "link:";

    /** Hears about a node's steps. */
    public interface Progress {
        /** Tells one step; throws when the prompt was asked to stop. */
        void step(int value, int max, @Nullable BufferedImage preview) throws Interrupted;

        /** Tells one step with a whole picture. */
        void picture(int value, int max, BufferedImage picture) throws Interrupted;

        /** Tells everybody a text about the node. */
        void text(String text);
    }

    <T extends NodeValue> T link(String name, Class<T> type) throws NodeFailure {
        NodeValue value = links.get(name);
        if (!type.isInstance(value)) {
            throw new NodeFailure("AttributeError", "input '" + name + "' is not a " + type.getSimpleName());
        }
        return type.cast(value);
    }

    NodeValue.Images images(String name) throws NodeFailure {
        return link(name, NodeValue.Images.class);
    }

    JsonNode literal(String name) throws NodeFailure {
        JsonNode value = links.get(name) instanceof NodeValue.Literal linked ? linked.value() : literals.get(name);
        if (value == null) {
            throw new NodeFailure("TypeError", "missing 1 required positional argument: '" + name + "'");
        }
        return value;
    }

    int integer(String name) throws NodeFailure {
        return literal(name).asInt();
    }

    double decimal(String name) throws NodeFailure {
        return literal(name).asDouble();
    }

    String text(String name) throws NodeFailure {
        return literal(name).asString();
    }
}
