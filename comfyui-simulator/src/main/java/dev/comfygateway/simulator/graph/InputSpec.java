package dev.comfygateway.simulator.graph;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;

/**
 * One declared input of a node class.
 *
 * @param name the name
 * @param required whether a graph must give it
 * @param config the declaration as {@code object_info} shows it: type, and often options
 */
record InputSpec(String name, boolean required, ArrayNode config) {

    /** The declaration as errors show it: always with options. */
    ArrayNode shown() {
        return config.size() > 1 ? config : Json.array().add(config.get(0)).add(Json.object());
    }

    boolean isCombo() {
        return config.get(0).isArray() || type().equals("COMBO");
    }

    String type() {
        return config.get(0).isString() ? config.get(0).stringValue() : "COMBO";
    }

    String typeText() {
        return PyText.str(config.get(0));
    }

    JsonNode options() {
        return config.size() > 1 ? config.get(1) : MissingNode.getInstance();
    }

    JsonNode choices() {
        return config.get(0).isArray() ? config.get(0) : options().path("options");
    }

    boolean accepts(String receivedType) {
        String wanted = type();
        if (wanted.equals("*") || receivedType.equals("*")) {
            return true;
        }
        if (config.get(0).isArray()) {
            return receivedType.equals("COMBO");
        }
        var accepted = java.util.Set.of(wanted.split(","));
        return accepted.containsAll(java.util.Set.of(receivedType.split(",")));
    }
}
