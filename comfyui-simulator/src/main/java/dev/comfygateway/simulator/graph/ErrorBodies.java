package dev.comfygateway.simulator.graph;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The error objects of {@code POST /prompt}. */
public final class ErrorBodies {

    private ErrorBodies() {}

    /** One error object. */
    public static ObjectNode error(String type, String message, String details, ObjectNode extraInfo) {
        ObjectNode error = Json.object();
        error.put("type", type).put("message", message).put("details", details).set("extra_info", extraInfo);
        return error;
    }

    /** One error object without further information. */
    public static ObjectNode error(String type, String message, String details) {
        return error(type, message, details, Json.object());
    }

    static ObjectNode input(InputSpec spec) {
        return Json.object().put("input_name", spec.name());
    }

    static ObjectNode input(InputSpec spec, JsonNode received) {
        ObjectNode info = input(spec);
        info.set("input_config", spec.shown());
        info.set("received_value", received);
        return info;
    }

    static ArrayNode traceback(String function) {
        return Json.array().add("  File \"/opt/comfyui/execution.py\", in " + function + "\n");
    }
}
