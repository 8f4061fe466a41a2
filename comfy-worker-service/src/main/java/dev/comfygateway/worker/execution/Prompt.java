package dev.comfygateway.worker.execution;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * What is sent to ComfyUI.
 *
 * @param id our own, a canonical lower-case UUID
 * @param graph with inputs and prefixes filled in
 * @param outputClasses classes that produce results; empty while unknown
 */
record Prompt(String id, Map<String, Object> graph, Collection<String> outputClasses) {

    Prompt {
        graph = new LinkedHashMap<>(graph);
        outputClasses = Set.copyOf(outputClasses);
    }
}
