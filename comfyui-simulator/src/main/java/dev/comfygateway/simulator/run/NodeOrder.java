package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.graph.NodeDefinitions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The order in which the nodes of a graph start: output nodes, and what leads to them soon, come first. */
final class NodeOrder {

    private final RunGraph graph;
    private final NodeDefinitions definitions;
    private final Predicate<String> done;
    private final Map<String, Set<String>> waitsFor = new LinkedHashMap<>();
    private final Set<String> asleep = new HashSet<>();

    /**
     * An order without nodes.
     *
     * @param done whether a node's result is at hand, so that nothing waits for it
     */
    NodeOrder(RunGraph graph, NodeDefinitions definitions, Predicate<String> done) {
        this.graph = graph;
        this.definitions = definitions;
        this.done = done;
    }

    /** Takes in a node and all it needs. */
    void add(String node) {
        Deque<String> stack = new ArrayDeque<>();
        stack.push(node);
        while (!stack.isEmpty()) {
            String id = stack.pop();
            if (waitsFor.containsKey(id)) {
                continue;
            }
            Set<String> sources = new LinkedHashSet<>();
            waitsFor.put(id, sources);
            if (done.test(id)) {
                continue;
            }
            for (JsonNode value : graph.inputs(id)) {
                if (CacheKeys.isLink(value) && !done.test(value.get(0).stringValue())) {
                    String source = value.get(0).stringValue();
                    sources.add(source);
                    stack.push(source);
                }
            }
        }
    }

    /** Makes a node wait for more nodes than its inputs name. */
    void addWait(String node, String source) {
        if (!done.test(source)) {
            waitsFor.computeIfAbsent(node, id -> new LinkedHashSet<>()).add(source);
            add(source);
        }
    }

    boolean isDone() {
        return waitsFor.isEmpty();
    }

    /** The node to run next, or null when all that could run are asleep. */
    @Nullable
    String next() {
        List<String> ready = new ArrayList<>();
        waitsFor.forEach((id, sources) -> {
            if (sources.isEmpty() && !asleep.contains(id)) {
                ready.add(id);
            }
        });
        if (ready.isEmpty() && asleep.isEmpty()) {
            throw new IllegalStateException("validation lets no cycle pass");
        }
        return ready.isEmpty() ? null : pick(ready);
    }

    /** The node has begun and will go on by itself. */
    void sleep(String id) {
        asleep.add(id);
    }

    /** The node can be finished. */
    void wake(String id) {
        asleep.remove(id);
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
        return definitions.isOutput(graph.nodeClass(id));
    }
}
