package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.assets.AssetIds;
import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.NodeDefinitions;
import dev.comfygateway.simulator.node.NodeCatalog;
import dev.comfygateway.simulator.queue.PromptItem;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Runs one prompt after the other on the worker thread. */
@Component
public class GraphRunner {

    private final NodeDefinitions definitions;
    private final NodeCatalog catalog;
    private final Folders folders;
    private final AssetIds assets;
    private final FaultHooks faults;
    private final NodeCache cache;

    GraphRunner(
            NodeDefinitions definitions,
            NodeCatalog catalog,
            Folders folders,
            AssetIds assets,
            FaultHooks faults,
            SimulatorProperties properties) {
        this.definitions = definitions;
        this.catalog = catalog;
        this.folders = folders;
        this.assets = assets;
        this.faults = faults;
        this.cache = new NodeCache(properties.cacheSize().toBytes());
    }

    /** Forgets all cached outcomes. */
    public void dropCache() {
        cache.clear();
    }

    /**
     * Runs a prompt to its end and tells every step.
     *
     * @param item the prompt
     * @param events who hears about it
     * @param stop whether it shall stop; asking resets
     * @return its history entry
     */
    public ObjectNode run(PromptItem item, PromptEvents events, BooleanSupplier stop) {
        // What is noted in the graph while it runs shows in files, but not in the history.
        ObjectNode graph = item.graph().deepCopy();
        CacheKeys keys = new CacheKeys(graph, folders);
        // Real servers were seen to keep the results of the latest prompt only.
        cache.retain(
                Set.copyOf(keys.needed(item.outputs()).stream().map(keys::of).toList()));
        PromptRun run = new PromptRun(item, graph, events, stop, definitions, catalog, assets, faults, keys, cache);
        boolean success = run.execute();
        ObjectNode entry = Json.object();
        entry.set("prompt", item.toHistory());
        ObjectNode outputs = entry.putObject("outputs");
        run.outputs().forEach(outputs::set);
        ObjectNode status = entry.putObject("status");
        status.put("status_str", success ? "success" : "error").put("completed", success);
        status.set("messages", events.kept());
        entry.set("meta", run.meta());
        return entry;
    }
}
