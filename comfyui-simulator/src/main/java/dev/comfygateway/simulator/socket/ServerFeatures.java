package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.ServerFlagsProperties;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What the server says it supports, in {@code GET /features} and on the socket. */
@Component
public class ServerFeatures {

    private static final long USUAL_UPLOAD_SIZE = 100 * 1024 * 1024;

    private final Dialect dialect;
    private final long maxUploadSize;
    private final ServerFlagsProperties flags;

    ServerFeatures(SimulatorProperties properties, ServerFlagsProperties flags) {
        this.dialect = properties.dialect();
        this.maxUploadSize = properties.maxUploadSize().toBytes();
        this.flags = flags;
    }

    /** The flags. */
    public ObjectNode toJson() {
        ObjectNode features = Json.object().put("supports_preview_metadata", true);
        if (dialect.isOld()) {
            features.set("max_upload_size", maxUploadSize());
            return features;
        }
        features.put("supports_model_type_tags", true).set("max_upload_size", maxUploadSize());
        features.putObject("extension").putObject("manager").put("supports_v4", true);
        features.put("node_replacements", true).put("assets", flags.assets());
        flags.featureFlags().forEach((name, value) -> features.set(name, value(value)));
        return features;
    }

    /** The real server computes a limit that was set, and so tells it as a fraction. */
    private JsonNode maxUploadSize() {
        return maxUploadSize == USUAL_UPLOAD_SIZE
                ? LongNode.valueOf(maxUploadSize)
                : DoubleNode.valueOf((double) maxUploadSize);
    }

    private static JsonNode value(String text) {
        try {
            return Json.parse(text);
        } catch (JacksonException e) {
            return StringNode.valueOf(text);
        }
    }
}
