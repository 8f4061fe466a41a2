package dev.comfygateway.worker.execution;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Workflows for tests that need no model files. */
final class Graphs {

    private Graphs() {}

    /** One node of a graph. */
    static Map<String, Object> node(String type, Map<String, Object> inputs) {
        return Map.of("class_type", type, "inputs", inputs);
    }

    /** A link to the first output of a node. */
    static List<Object> link(String id) {
        return List.of(id, 0);
    }

    static Map<String, Object> canvas(int color) {
        return node("EmptyImage", Map.of("width", 48, "height", 32, "batch_size", 1, "color", color));
    }

    static Map<String, Object> save(String source) {
        return node("SaveImage", Map.of("images", link(source), "filename_prefix", "größe & co/x y"));
    }

    /** A canvas of that color, the node, and a saver. */
    static Map<String, Object> saved(int color, Map<String, Object> middle) {
        return of(Map.entry("1", canvas(color)), Map.entry("2", middle), Map.entry("3", save("2")));
    }

    static Map<String, Object> slow(int steps, double delay, boolean preview, long seed) {
        return node(
                "ProbeSlow",
                Map.of("image", link("1"), "steps", steps, "delay", delay, "preview", preview, "seed", seed));
    }

    /** A node that does not notice that it is interrupted. */
    static Map<String, Object> blocking(double seconds, long seed) {
        return node("ProbeBlockingSleep", Map.of("image", link("1"), "seconds", seconds, "seed", seed));
    }

    @SafeVarargs
    static Map<String, Object> of(Map.Entry<String, Map<String, Object>>... nodes) {
        Map<String, Object> graph = new LinkedHashMap<>();
        for (Map.Entry<String, Map<String, Object>> node : nodes) {
            graph.put(node.getKey(), node.getValue());
        }
        return graph;
    }
}
