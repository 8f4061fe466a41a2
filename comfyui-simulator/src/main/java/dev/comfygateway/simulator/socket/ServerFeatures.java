package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** What the server says it supports, in {@code GET /features} and on the socket. */
@Component
public class ServerFeatures {

    private final Dialect dialect;
    private final long maxUploadSize;

    ServerFeatures(SimulatorProperties properties) {
        this.dialect = properties.dialect();
        this.maxUploadSize = properties.maxUploadSize().toBytes();
    }

    /** The flags. */
    public ObjectNode toJson() {
        ObjectNode features = Json.object().put("supports_preview_metadata", true);
        if (dialect.isOld()) {
            return features.put("max_upload_size", maxUploadSize);
        }
        features.put("supports_model_type_tags", true).put("max_upload_size", maxUploadSize);
        features.putObject("extension").putObject("manager").put("supports_v4", true);
        return features.put("node_replacements", true).put("assets", false);
    }
}
