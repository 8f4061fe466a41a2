package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.node.NodeOutcome;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Outcomes of nodes by what they were made from; the least recently used go first. Used by one thread. */
final class NodeCache {

    private final long limit;
    private final Map<String, NodeOutcome> outcomes = new LinkedHashMap<>(16, 0.75f, true);
    private long weight;

    NodeCache(long limit) {
        this.limit = limit;
    }

    @Nullable
    NodeOutcome get(String key) {
        return outcomes.get(key);
    }

    void put(String key, NodeOutcome outcome) {
        NodeOutcome old = outcomes.put(key, outcome);
        weight += outcome.weight() - (old == null ? 0 : old.weight());
        Iterator<NodeOutcome> eldest = outcomes.values().iterator();
        while (weight > limit && eldest.hasNext()) {
            weight -= eldest.next().weight();
            eldest.remove();
        }
    }

    /** Forgets all but these. */
    void retain(Set<String> keys) {
        outcomes.entrySet().removeIf(entry -> {
            boolean unused = !keys.contains(entry.getKey());
            weight -= unused ? entry.getValue().weight() : 0;
            return unused;
        });
    }

    void clear() {
        outcomes.clear();
        weight = 0;
    }
}
