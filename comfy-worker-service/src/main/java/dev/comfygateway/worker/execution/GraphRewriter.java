package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.claim.Grant.InputUse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the graph that is sent out of the graph that was submitted. Never changes its argument. */
final class GraphRewriter {

    private static final String PREFIX = "filename_prefix";

    /** No node has this input; a server takes it into account when it looks whether it knows the result. */
    private static final String MARK = "comfy_gateway_run";

    private final Map<String, Object> graph;
    private final Map<String, Map<String, String>> names = new LinkedHashMap<>();

    /**
     * @param graph as granted
     * @param uploaded asset id to the value ComfyUI knows it by
     */
    GraphRewriter(Map<String, Object> graph, List<InputAsset> inputs, Map<String, String> uploaded) {
        this.graph = graph;
        for (InputAsset asset : inputs) {
            String name = uploaded.get(asset.assetId());
            if (name == null) {
                throw new IllegalArgumentException("Not uploaded: " + asset.assetId());
            }
            for (InputUse use : asset.uses()) {
                names.computeIfAbsent(use.nodeId(), id -> new LinkedHashMap<>()).put(use.input(), name);
            }
        }
    }

    /**
     * @param folder put before every file name prefix: unique, so that saved files never meet those of others and a
     *     cached result is written anew
     * @param again nodes that shall run whatever the server knows of them
     */
    Map<String, Object> rewrite(String folder, Set<String> again) {
        Map<String, Object> result = new LinkedHashMap<>();
        graph.forEach((id, node) ->
                result.put(id, node instanceof Map<?, ?> fields ? node(id, fields, folder, again.contains(id)) : node));
        return result;
    }

    private Map<String, Object> node(String id, Map<?, ?> fields, String folder, boolean again) {
        Map<String, Object> node = new LinkedHashMap<>();
        fields.forEach((key, value) -> {
            // ComfyUI trusts this cache marker of an earlier run and would serve a stale image.
            if (!"is_changed".equals(key)) {
                node.put(
                        String.valueOf(key),
                        "inputs".equals(key) && value instanceof Map<?, ?> inputs
                                ? inputs(id, inputs, folder, again)
                                : value);
            }
        });
        return node;
    }

    private Map<String, Object> inputs(String id, Map<?, ?> values, String folder, boolean again) {
        Map<String, Object> inputs = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            String name = String.valueOf(key);
            Object kept = value;
            if (name.equals(PREFIX) && value instanceof String prefix) {
                kept = folder + "/" + clean(prefix);
            }
            inputs.put(name, kept);
        });
        inputs.putAll(names.getOrDefault(id, Map.of()));
        if (again && !(values.get(PREFIX) instanceof String)) {
            inputs.put(MARK, folder);
        }
        return inputs;
    }

    /** Keeps the folders of the user's prefix, but none that leads out of the attempt's own. */
    private static String clean(String prefix) {
        List<String> kept = new ArrayList<>();
        for (String part : prefix.replace('\\', '/').split("/", -1)) {
            String name = part.strip();
            if (!name.isEmpty() && !name.equals(".") && !name.equals("..")) {
                kept.add(name);
            }
        }
        return kept.isEmpty() ? "ComfyUI" : String.join("/", kept);
    }
}
