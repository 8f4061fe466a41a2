package dev.comfygateway.simulator.assets;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Gives the files in a node's output the ids of their assets. */
@Component
public class AssetIds {

    private final AssetCatalog catalog;

    AssetIds(AssetCatalog catalog) {
        this.catalog = catalog;
    }

    /** Adds ids in place, in whatever list files are; does nothing when there are no assets. */
    public void mark(@Nullable ObjectNode output, String promptId) {
        if (output == null || !catalog.enabled()) {
            return;
        }
        for (JsonNode list : output.values()) {
            for (JsonNode item : list) {
                if (item instanceof ObjectNode file && file.has("filename") && file.has("type")) {
                    file.put(
                            "id",
                            catalog.produced(
                                    file.path("type").asString(""),
                                    file.path("subfolder").asString(""),
                                    file.path("filename").asString(""),
                                    promptId));
                }
            }
        }
    }
}
