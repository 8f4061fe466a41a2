package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.queue.PromptItem;
import java.util.Comparator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Queue items and history entries in the form of jobs. Fields without a value are left away. */
final class JobViews {

    private JobViews() {}

    static Comparator<ObjectNode> order(String sortBy, boolean descending) {
        Comparator<ObjectNode> order = sortBy.equals("created_at")
                ? Comparator.comparingLong(job -> job.path("create_time").asLong(0))
                : Comparator.comparingLong(job -> job.path("execution_end_time").asLong(0)
                        - job.path("execution_start_time").asLong(0));
        return descending ? order.reversed() : order;
    }

    static ObjectNode queued(PromptItem item, String status) {
        ObjectNode job = head(item.id(), status, item.number(), item.extraData());
        job.put("outputs_count", 0).put("previewable_outputs_count", 0);
        return workflowId(job, item.extraData());
    }

    static ObjectNode finished(ObjectNode entry) {
        JsonNode prompt = entry.get("prompt");
        JsonNode messages = entry.at("/status/messages");
        JsonNode last = messages.get(messages.size() - 1);
        String status = switch (last.get(0).stringValue()) {
            case "execution_success" -> "completed";
            case "execution_interrupted" -> "cancelled";
            default -> "failed";
        };
        ObjectNode job = head(prompt.get(1).stringValue(), status, prompt.get(0), prompt.get(3));
        job.put("execution_start_time", messages.get(0).get(1).path("timestamp").asLong(0));
        job.put("execution_end_time", last.get(1).path("timestamp").asLong(0));
        if (status.equals("failed")) {
            job.set("execution_error", last.get(1));
        }
        outputs(job, entry.get("outputs"));
        return workflowId(job, prompt.get(3));
    }

    static ObjectNode detailed(ObjectNode entry) {
        ObjectNode job = finished(entry);
        job.set("outputs", entry.get("outputs"));
        job.set("execution_status", entry.get("status"));
        ObjectNode workflow = job.putObject("workflow");
        workflow.set("prompt", entry.get("prompt").get(2));
        workflow.set("extra_data", entry.get("prompt").get(3));
        return job;
    }

    private static ObjectNode head(String id, String status, JsonNode priority, JsonNode extraData) {
        ObjectNode job = Json.object().put("id", id).put("status", status);
        job.set("priority", priority);
        job.set("create_time", extraData.get("create_time"));
        return job;
    }

    private static void outputs(ObjectNode job, JsonNode outputs) {
        int count = 0;
        ObjectNode preview = null;
        for (var output : outputs.properties()) {
            for (JsonNode file : output.getValue().path("images")) {
                count++;
                // A kept file is a better preview than a temporary one.
                if (preview == null || (isTemporary(preview) && !isTemporary(file))) {
                    preview = ((ObjectNode) file.deepCopy())
                            .put("nodeId", output.getKey())
                            .put("mediaType", "images");
                }
            }
        }
        job.put("outputs_count", count).put("previewable_outputs_count", count);
        if (preview != null) {
            job.set("preview_output", preview);
        }
    }

    private static boolean isTemporary(JsonNode file) {
        return file.path("type").asString("").equals("temp");
    }

    private static ObjectNode workflowId(ObjectNode job, JsonNode extraData) {
        JsonNode id = extraData.at("/extra_pnginfo/workflow/id");
        if (id.isString()) {
            job.set("workflow_id", id);
        }
        return job;
    }
}
