package dev.comfygateway.job.workflow;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks the shape of a graph: an object of nodes, each with a class and inputs. */
public final class WorkflowValidator {

    private WorkflowValidator() {}

    /** Adds what is wrong with the graph at the pointer. */
    public static void check(@Nullable Object graph, String pointer, Findings findings) {
        if (!(graph instanceof Map<?, ?> nodes)) {
            findings.add(pointer, "must be an object of nodes (ComfyUI's API format)");
            return;
        }
        if (nodes.isEmpty()) {
            findings.add(pointer, "has no nodes");
        }
        if (nodes.containsKey("nodes") && nodes.containsKey("links")) {
            findings.add(pointer, "is in ComfyUI's editor format; export it in API format");
            return;
        }
        nodes.forEach((id, node) -> {
            String place = pointer + Findings.step(String.valueOf(id));
            if (!(node instanceof Map<?, ?> members)) {
                findings.add(place, "must be an object");
                return;
            }
            if (!(members.get("class_type") instanceof String name) || name.isBlank()) {
                findings.add(place + "/class_type", "must be the name of a node class");
            }
            if (!(members.get("inputs") instanceof Map<?, ?>)) {
                findings.add(place + "/inputs", "must be an object");
            }
        });
    }
}
