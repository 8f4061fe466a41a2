package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.graph.NodeDefinitions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The order in which the nodes of a graph start: output nodes, and what leads to them soon, come first. */
final class NodeOrder {

    private final ObjectNode graph;
    private final NodeDefinitions definitions;
    private final Predicate<String> cached;
    private final Map<String, Set<String>> waitsFor = new LinkedHashMap<>();

    NodeOrder(ObjectNode graph, List<String> outputs, NodeDefinitions definitions, Predicate<String> cached) {
        this.graph = graph;
        this.definitions = definitions;
        this.cached = cached;
        outputs.forEach(this::add);
    }

    private void add(String output) {
        Deque<String> stack = new ArrayDeque<>();
        stack.push(output);
        while (!stack.isEmpty()) {
            String id = stack.pop();
            if (waitsFor.containsKey(id)) {
                continue;
            }
            Set<String> sources = new LinkedHashSet<>();
            waitsFor.put(id, sources);
            if (cached.test(id)) {
                continue;
            }
            for (JsonNode value : graph.get(id).path("inputs")) {
                // A cached node's result is at hand, so nothing waits for it.
                if (CacheKeys.isLink(value) && !cached.test(value.get(0).stringValue())) {
                    String source = value.get(0).stringValue();
                    sources.add(source);
                    stack.push(source);
                }
            }
        }
    }

    boolean isDone() {
        return waitsFor.isEmpty();
    }

    String next() {
        List<String> ready = new ArrayList<>();
        waitsFor.forEach((id, sources) -> {
            if (sources.isEmpty()) {
                ready.add(id);
            }
        });
        if (ready.isEmpty()) {
            throw new IllegalStateException("validation lets no cycle pass");
        }
        return pick(ready);
    }

    void finished(String id) {
        waitsFor.remove(id);
        waitsFor.values().forEach(sources -> sources.remove(id));
    }

    private String pick(List<String> ready) {
        for (String id : ready) {
            if (isOutput(id)) {
                return id;
            }
        }
        for (String id : ready) {
            if (followers(id).stream().anyMatch(this::isOutput)) {
                return id;
            }
        }
        for (String id : ready) {
            if (followers(id).stream().flatMap(next -> followers(next).stream()).anyMatch(this::isOutput)) {
                return id;
            }
        }
        return ready.getFirst();
    }

    private List<String> followers(String id) {
        return waitsFor.entrySet().stream()
                .filter(entry -> entry.getValue().contains(id))
                .map(Map.Entry::getKey)
                .toList();
    }

    private boolean isOutput(String id) {
        return definitions.isOutput(graph.get(id).get("class_type").stringValue());
    }
}
