package dev.comfygateway.simulator.node;

import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Nodes that a node puts into its place. Their ids follow that of the node: {@code 2.0.0.1} is the first of node 2.
 *
 * @param nodes the nodes by id
 * @param results for each output slot the node whose first output it is
 */
public record Expansion(Map<String, ObjectNode> nodes, List<String> results) {

    /** Keeps the order of the nodes. */
    public Expansion {
        nodes = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(nodes));
        results = List.copyOf(results);
    }
}
