package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.node.NodeFailure;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What {@code execution_error} says beside who failed. */
final class ErrorReports {

    private static final String OUT_OF_MEMORY =
            "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow worked before you might have"
                    + " accidentally set the batch_size to a large number.";

    private ErrorReports() {}

    static void complete(ObjectNode data, NodeFailure failure, JsonNode given, Iterable<String> nodes) {
        // Only torch's own exception is recognised as out of memory, whatever the text says.
        boolean outOfMemory = failure.exceptionType().equals("torch.OutOfMemoryError");
        data.put("exception_message", failure.text() + "\n" + (outOfMemory ? OUT_OF_MEMORY : ""));
        data.put("exception_type", failure.exceptionType());
        data.putArray("traceback")
                .add("  File \"/opt/comfyui/execution.py\", line 545, in execute\n    output_data, output_ui,"
                        + " has_subgraph, has_pending_tasks = await get_output_data(prompt_id, unique_id, obj)\n");
        ObjectNode inputs = data.putObject("current_inputs");
        given.properties().forEach(input -> {
            boolean link = CacheKeys.isLink(input.getValue());
            inputs.putArray(input.getKey()).add(link ? StringNode.valueOf("tensor([...])") : input.getValue());
        });
        data.set("current_outputs", Json.strings(nodes));
    }
}
