package dev.comfygateway.worker.output;

import dev.comfygateway.worker.backend.comfy.OutputFile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Finds the files in what a history entry says about the outputs of its nodes. */
public final class Outputs {

    private Outputs() {}

    /**
     * Every result file; previews ({@code temp}) only when there is no other. Whatever key a list
     * stands under, an object with {@code filename} and {@code type} is a file: custom nodes choose their own keys.
     */
    public static List<OutputFile> find(JsonNode outputs) {
        Set<OutputFile> results = new LinkedHashSet<>();
        Set<OutputFile> previews = new LinkedHashSet<>();
        for (Map.Entry<String, JsonNode> node : outputs.properties()) {
            for (JsonNode list : node.getValue()) {
                if (!list.isArray()) {
                    continue;
                }
                for (JsonNode item : list) {
                    String filename = item.path("filename").asString("");
                    String type = item.path("type").asString("");
                    if (filename.isEmpty()) {
                        continue;
                    }
                    OutputFile file = new OutputFile(
                            node.getKey(), filename, item.path("subfolder").asString(""), type);
                    switch (type) {
                        case "output" -> results.add(file);
                        case "temp" -> previews.add(file);
                        default -> {
                            // inputs that a node shows again
                        }
                    }
                }
            }
        }
        return new ArrayList<>(results.isEmpty() ? previews : results);
    }
}
