package dev.comfygateway.simulator.node;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.NodeDefinitions;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Finds the code of a node class. */
@Component
public class NodeCatalog {

    private final Map<String, NodeRunner> runners = new HashMap<>();

    NodeCatalog(
            NodeDefinitions definitions,
            SimulatorProperties properties,
            ImageNodes images,
            SamplingNodes sampling,
            OutputNodes outputs,
            VideoNodes videos,
            AudioNodes audio,
            DocumentNodes documents,
            ProbeNodes probes) {
        runners.putAll(images.runners());
        runners.putAll(sampling.runners());
        runners.putAll(outputs.runners());
        runners.putAll(videos.runners());
        runners.putAll(audio.runners());
        runners.putAll(documents.runners());
        runners.putAll(probes.runners());
        Set<String> described = Set.copyOf(definitions.names());
        if (properties.dialect().isOld()) {
            runners.keySet().retainAll(described);
        }
        if (!runners.keySet().equals(described)) {
            throw new IllegalStateException("every described node class needs code, and the reverse");
        }
    }

    /** The code of a class that has been validated. */
    public NodeRunner runner(String nodeClass) {
        NodeRunner runner = runners.get(nodeClass);
        if (runner == null) {
            throw new IllegalArgumentException("no such node class");
        }
        return runner;
    }
}
