package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.worker.backend.InventoryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Says in our words what ComfyUI says in its own, without server paths, tensors and traces. */
final class FailureMapper {

    private static final int MESSAGE_LIMIT = 500;
    private static final Pattern NODE_ID = Pattern.compile("Node ID '#([^']*)'");
    private static final Pattern UNKNOWN_CLASS = Pattern.compile("node (\\S+) does not exist");
    private static final Pattern TENSOR = Pattern.compile("tensor\\(.*?(\\)|$)");
    private static final Pattern UNIX_PATH = Pattern.compile("(?<![\\w:/.])/(?:[^\\s/'\",:;]+/)+[^\\s/'\",:;]*");
    private static final Pattern WINDOWS_PATH = Pattern.compile("\\b[A-Za-z]:\\\\[^\\s'\",;]+");

    private FailureMapper() {}

    /** A refused prompt: status 400 with ComfyUI's reasons, or 413. */
    static Failure refused(int status, JsonNode body, Map<String, Object> graph) {
        if (status == 413) {
            return failure(ErrorCode.PAYLOAD_TOO_LARGE, "The workflow is too large for ComfyUI", List.of());
        }
        JsonNode error = body.path("error");
        String type = error.path("type").asString("");
        String message = clean(error.path("message").asString("ComfyUI refused the workflow"));
        if (type.equals("missing_node_type") || type.equals("invalid_prompt")) {
            String nodeId = error.path("extra_info").path("node_id").asString("");
            if (nodeId.isEmpty()) {
                Matcher matcher = NODE_ID.matcher(error.path("details").asString(""));
                nodeId = matcher.find() ? matcher.group(1) : "";
            }
            String nodeClass = classOf(graph, nodeId);
            if (nodeClass == null) {
                Matcher matcher = UNKNOWN_CLASS.matcher(message);
                nodeClass = matcher.find() ? matcher.group(1) : null;
            }
            String pointer = "/workflow/" + escape(nodeId) + "/class_type";
            if (nodeClass == null) {
                return failure(
                        ErrorCode.INVALID_WORKFLOW, message, List.of(new FieldError(pointer, "class_type is missing")));
            }
            String detail = "Node class " + nodeClass + " is not installed";
            return new Failure(
                    ErrorCode.NODE_NOT_AVAILABLE,
                    detail,
                    FailureCategory.VALIDATION,
                    false,
                    nodeId.isEmpty() ? null : nodeId,
                    nodeClass,
                    List.of(new FieldError(pointer, detail)));
        }
        return nodeErrors(body.path("node_errors"), message);
    }

    /** Errors of single nodes, from a refusal or from an answer that dropped some outputs. */
    static Failure nodeErrors(JsonNode nodes, String message) {
        List<FieldError> errors = new ArrayList<>();
        int missingModels = 0;
        String nodeId = null;
        String nodeClass = null;
        for (Map.Entry<String, JsonNode> node : nodes.properties()) {
            for (JsonNode error : node.getValue().path("errors")) {
                String input = error.path("extra_info").path("input_name").asString("");
                String pointer = "/workflow/" + escape(node.getKey());
                if (!input.isEmpty()) {
                    pointer += "/inputs/" + escape(input);
                }
                String detail = clean(error.path("message").asString("not valid") + ": "
                        + error.path("details").asString(""));
                errors.add(new FieldError(pointer, detail));
                if (error.path("type").asString("").equals("value_not_in_list")
                        && InventoryReader.isModelInput(input)) {
                    missingModels++;
                }
                if (nodeId == null) {
                    nodeId = node.getKey();
                    nodeClass = node.getValue().path("class_type").asString(null);
                }
            }
        }
        boolean model = missingModels > 0 && missingModels == errors.size();
        return new Failure(
                model ? ErrorCode.MODEL_NOT_AVAILABLE : ErrorCode.INVALID_WORKFLOW,
                model ? "A model file is not installed: " + errors.getFirst().detail() : message,
                FailureCategory.VALIDATION,
                false,
                nodeId,
                nodeClass,
                errors);
    }

    /** What an {@code execution_error} message or history entry says. */
    static Failure executionError(JsonNode data) {
        String type = data.path("exception_type").asString("");
        String text = data.path("exception_message").asString("");
        String nodeId = data.path("node_id").asString(null);
        String nodeClass = data.path("node_type").asString(null);
        if (isOutOfMemory(type, text)) {
            return new Failure(
                    ErrorCode.COMFYUI_OOM,
                    "ComfyUI ran out of memory" + (nodeClass == null ? "" : " in " + nodeClass),
                    FailureCategory.OUT_OF_MEMORY,
                    false,
                    nodeId,
                    nodeClass,
                    List.of());
        }
        String message = clean(text);
        if (DeviceErrors.breaksTheContext(text)) {
            return new Failure(
                    ErrorCode.COMFYUI_NODE_ERROR,
                    "The GPU of ComfyUI failed: " + message,
                    FailureCategory.BACKEND_LOST,
                    true,
                    nodeId,
                    nodeClass,
                    List.of());
        }
        return new Failure(
                ErrorCode.COMFYUI_NODE_ERROR,
                message.isEmpty() ? "The node failed" + (type.isEmpty() ? "" : " with " + clean(type)) : message,
                FailureCategory.NODE_ERROR,
                false,
                nodeId,
                nodeClass,
                List.of());
    }

    static boolean isOutOfMemory(String exceptionType, String message) {
        String text = message.toLowerCase(Locale.ROOT);
        return exceptionType.endsWith("OutOfMemoryError")
                || text.contains("out of memory")
                || text.contains("failed to allocate")
                || text.contains("status_alloc_failed");
    }

    /** The first line, without tensors and without paths of the server. */
    static String clean(String text) {
        String line = text.lines()
                .map(String::strip)
                .filter(part -> !part.isEmpty())
                .findFirst()
                .orElse("");
        line = TENSOR.matcher(line).replaceAll("tensor");
        line = WINDOWS_PATH.matcher(line).replaceAll("<path>");
        line = UNIX_PATH.matcher(line).replaceAll("<path>");
        if (line.endsWith(":")) {
            line = line.substring(0, line.length() - 1);
        }
        return line.length() <= MESSAGE_LIMIT ? line : line.substring(0, MESSAGE_LIMIT) + "…";
    }

    static String escape(String token) {
        return token.replace("~", "~0").replace("/", "~1");
    }

    static @Nullable String classOf(Map<String, Object> graph, String nodeId) {
        return graph.get(nodeId) instanceof Map<?, ?> node && node.get("class_type") instanceof String name
                ? name
                : null;
    }

    private static Failure failure(ErrorCode code, String message, List<FieldError> errors) {
        return new Failure(code, message, FailureCategory.VALIDATION, false, null, null, errors);
    }
}
