package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.comfy.PromptSignal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the socket said about results. Some nodes send their pictures and leave nothing in the history; and where an
 * address leads to several servers, the history that answers may not be the one that knows. Used by one thread.
 */
final class HeardOutputs implements AutoCloseable {

    private final Set<String> outputNodes = new HashSet<>();
    private final ObjectNode executed = JsonNodeFactory.instance.objectNode();
    private final ObjectNode meta = JsonNodeFactory.instance.objectNode();
    private final List<PromptSignal.Picture> pictures = new ArrayList<>();
    private boolean succeeded;

    /** @param outputClasses classes that produce results */
    HeardOutputs(Map<String, Object> graph, Collection<String> outputClasses) {
        for (String id : graph.keySet()) {
            String name = FailureMapper.classOf(graph, id);
            if (name != null && outputClasses.contains(name)) {
                outputNodes.add(id);
            }
        }
    }

    void apply(String type, JsonNode data) {
        switch (type) {
            case "executed" -> {
                if (data.path("output").isObject()) {
                    String id = data.path("node").asString("");
                    executed.set(id, data.path("output"));
                    meta.putObject(id).set("display_node", data.path("display_node"));
                }
            }
            case "execution_success" -> succeeded = true;
            default -> {
                // the others say nothing about results
            }
        }
    }

    /** Whether the picture may be a result: previews are JPEGs, or of nodes that produce no results. */
    boolean isResult(PromptSignal.Picture picture) {
        return picture.nodeId() != null
                && picture.mediaType().equals("image/png")
                && outputNodes.contains(picture.nodeId());
    }

    void keep(PromptSignal.Picture picture) {
        pictures.add(picture);
    }

    /** Whether the server has said that all went well, and what came of it. */
    boolean complete() {
        return succeeded && (!executed.isEmpty() || !pictures.isEmpty());
    }

    /** In the form of a history entry's outputs. */
    JsonNode executed() {
        return executed;
    }

    /** In the form of a history entry's meta: which node of the submitted graph each output belongs to. */
    JsonNode meta() {
        return meta;
    }

    /** Hands over the pictures of nodes that have no other output. */
    List<PromptSignal.Picture> takePictures(Set<String> nodesWithOutput) {
        List<PromptSignal.Picture> results = new ArrayList<>();
        for (PromptSignal.Picture picture : pictures) {
            if (nodesWithOutput.contains(picture.nodeId())) {
                picture.close();
            } else {
                results.add(picture);
            }
        }
        pictures.clear();
        return results;
    }

    @Override
    public void close() {
        pictures.forEach(PromptSignal.Picture::close);
        pictures.clear();
    }
}
