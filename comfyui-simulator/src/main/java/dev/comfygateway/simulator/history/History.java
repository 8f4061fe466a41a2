package dev.comfygateway.simulator.history;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Finished prompts in the order they finished, in memory only. */
@Component
public class History {

    private final int limit;
    private final Map<String, ObjectNode> entries = new LinkedHashMap<>();

    History(SimulatorProperties properties) {
        this.limit = properties.historySize();
    }

    /** Stores an entry; a reused id overwrites. */
    public synchronized void add(String id, ObjectNode entry) {
        if (entries.size() >= limit) {
            entries.remove(entries.keySet().iterator().next());
        }
        entries.put(id, entry);
    }

    /** One entry, or null. */
    public synchronized @Nullable ObjectNode get(String id) {
        return entries.get(id);
    }

    /** A page; without an offset the newest {@code maxItems}, with one the oldest from there. */
    public synchronized ObjectNode page(@Nullable Integer maxItems, int offset) {
        List<String> ids = new ArrayList<>(entries.keySet());
        int from = offset;
        if (from < 0) {
            from = maxItems == null ? 0 : Math.max(0, ids.size() - maxItems);
        }
        ObjectNode page = Json.object();
        for (int i = from; i < ids.size() && (maxItems == null || page.size() < maxItems); i++) {
            page.set(ids.get(i), entries.get(ids.get(i)));
        }
        return page;
    }

    /** All entries, oldest first. */
    public synchronized List<ObjectNode> all() {
        return List.copyOf(entries.values());
    }

    /** Forgets everything. */
    public synchronized void clear() {
        entries.clear();
    }

    /** Forgets one entry, if it is there. */
    public synchronized void delete(String id) {
        entries.remove(id);
    }
}
