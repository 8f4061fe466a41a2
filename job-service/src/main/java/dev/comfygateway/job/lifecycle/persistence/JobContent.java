package dev.comfygateway.job.lifecycle.persistence;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a job runs. Written once.
 *
 * @param graph API-format graph, template values filled in
 * @param inputs assets the graph names
 * @param allowPartialOutputs whether refused outputs may be missing from a success
 * @param demand what the choice of a worker depends on
 */
public record JobContent(
        Map<String, Object> graph, List<InputAsset> inputs, boolean allowPartialOutputs, Demand demand) {
    public JobContent {
        graph = new LinkedHashMap<>(graph);
        inputs = List.copyOf(inputs);
    }
}
