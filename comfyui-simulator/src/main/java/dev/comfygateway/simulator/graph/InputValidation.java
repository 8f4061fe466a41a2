package dev.comfygateway.simulator.graph;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.files.Folders;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** One pass over the inputs of the nodes that a graph's outputs need. */
final class InputValidation {

    /** Whether a node and all above it are fine, and the node's own errors. */
    record Outcome(boolean valid, ArrayNode errors) {}

    /** What would be a Python exception while a node is looked at: it becomes an error of whoever asked. */
    private static final class LookupException extends Exception {
        private final String pythonType;

        LookupException(String pythonType, String message) {
            super(message);
            this.pythonType = pythonType;
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    private final Dialect dialect;
    private final ObjectNode graph;
    private final NodeDefinitions definitions;
    private final Folders folders;
    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();
    private final List<String> visiting = new ArrayList<>();

    InputValidation(Dialect dialect, ObjectNode graph, NodeDefinitions definitions, Folders folders) {
        this.dialect = dialect;
        this.graph = graph;
        this.definitions = definitions;
        this.folders = folders;
    }

    Map<String, Outcome> outcomes() {
        return outcomes;
    }

    Outcome validateOutput(String id) {
        visiting.clear();
        try {
            return validateNode(id);
        } catch (LookupException e) {
            ObjectNode info = Json.object().put("exception_type", e.pythonType);
            info.set("traceback", ErrorBodies.traceback("validate_prompt"));
            Outcome outcome = new Outcome(
                    false,
                    Json.array()
                            .add(ErrorBodies.error(
                                    "exception_during_validation", "Exception when validating node", e.text(), info)));
            outcomes.put(id, outcome);
            return outcome;
        }
    }

    private Outcome validateNode(String id) throws LookupException {
        Outcome known = outcomes.get(id);
        if (known != null) {
            return known;
        }
        if (visiting.contains(id)) {
            return cycle(id);
        }
        JsonNode node = graph.get(id);
        if (!(node.get("inputs") instanceof ObjectNode inputs)) {
            throw new LookupException("KeyError", "'inputs'");
        }
        visiting.add(id);
        try {
            ArrayNode errors = Json.array();
            boolean valid = true;
            String nodeClass = node.get("class_type").stringValue();
            for (InputSpec spec : definitions.inputs(nodeClass)) {
                valid &= validateInput(nodeClass, spec, inputs, errors);
            }
            // A cycle below has already said what is wrong with this node.
            Outcome outcome = new Outcome(valid && errors.isEmpty(), errors);
            Outcome earlier = outcomes.putIfAbsent(id, outcome);
            return earlier == null ? outcome : earlier;
        } finally {
            visiting.remove(id);
        }
    }

    /** Adds the input's errors; false when a node above is not valid. */
    private boolean validateInput(String nodeClass, InputSpec spec, ObjectNode inputs, ArrayNode errors)
            throws LookupException {
        JsonNode value = inputs.get(spec.name());
        if (value == null) {
            if (spec.required()) {
                errors.add(ErrorBodies.error(
                        "required_input_missing", "Required input is missing", spec.name(), ErrorBodies.input(spec)));
            }
            return true;
        }
        if (value instanceof ArrayNode link) {
            return validateLink(spec, link, errors);
        }
        validateLiteral(nodeClass, spec, value, inputs, errors);
        return true;
    }

    private boolean validateLink(InputSpec spec, ArrayNode link, ArrayNode errors) throws LookupException {
        if (link.size() != 2) {
            errors.add(ErrorBodies.error(
                    "bad_linked_input",
                    "Bad linked input, must be a length-2 list of [node_id, slot_index]",
                    spec.name(),
                    ErrorBodies.input(spec, link)));
            return true;
        }
        String source = link.get(0).asString("");
        if (!link.get(0).isString() || !graph.has(source)) {
            throw new LookupException("KeyError", PyText.repr(link.get(0)));
        }
        if (!link.get(1).isIntegralNumber()) {
            throw new LookupException("TypeError", "tuple indices must be integers or slices");
        }
        String received = definitions.outputType(
                graph.get(source).get("class_type").stringValue(), link.get(1).asInt(Integer.MAX_VALUE));
        if (received == null) {
            throw new LookupException("IndexError", "tuple index out of range");
        }
        if (!spec.accepts(received)) {
            ObjectNode info = ErrorBodies.input(spec);
            info.set("input_config", spec.shown());
            info.put("received_type", received).set("linked_node", link);
            errors.add(ErrorBodies.error(
                    "return_type_mismatch",
                    "Return type mismatch between linked nodes",
                    spec.name() + ", received_type(" + received + ") mismatch input_type(" + spec.typeText() + ")",
                    info));
            return true;
        }
        try {
            return validateNode(source).valid();
        } catch (LookupException e) {
            ObjectNode info = ErrorBodies.input(spec);
            info.set("input_config", spec.shown());
            info.put("exception_message", e.text()).put("exception_type", e.pythonType);
            info.set("traceback", ErrorBodies.traceback("validate_inputs"));
            info.set("linked_node", link);
            ObjectNode error = ErrorBodies.error(
                    "exception_during_inner_validation", "Exception when validating inner node", e.text(), info);
            outcomes.put(source, new Outcome(false, Json.array().add(error)));
            return false;
        }
    }

    private void validateLiteral(
            String nodeClass, InputSpec spec, JsonNode given, ObjectNode inputs, ArrayNode errors) {
        JsonNode value = given;
        if (value.isObject() && value.has("__value__")) {
            value = value.get("__value__");
            inputs.set(spec.name(), value);
        }
        try {
            value = convert(spec, value);
            inputs.set(spec.name(), value);
        } catch (PyText.ConversionException e) {
            String message = String.valueOf(e.getMessage());
            ObjectNode info = ErrorBodies.input(spec, value).put("exception_message", message);
            errors.add(ErrorBodies.error(
                    "invalid_input_type",
                    "Failed to convert an input value to a " + spec.type() + " value",
                    spec.name() + ", " + PyText.str(value) + ", " + message,
                    info));
            return;
        }
        if (nodeClass.equals("LoadImage") && spec.name().equals("image")) {
            // This class checks the name itself: files in subfolders and other roots are not in the list.
            if (folders.annotated(PyText.str(value)) == null) {
                errors.add(ErrorBodies.error(
                        "custom_validation_failed",
                        "Custom validation failed for node",
                        "image - Invalid image file: " + PyText.str(value),
                        ErrorBodies.input(spec)));
            }
            return;
        }
        ObjectNode error = outOfRange(spec, value);
        if (error != null) {
            errors.add(error);
        }
    }

    private static JsonNode convert(InputSpec spec, JsonNode value) throws PyText.ConversionException {
        return switch (spec.type()) {
            case "INT" -> PyText.toInt(value);
            case "FLOAT" -> PyText.toFloat(value);
            case "STRING" -> PyText.toStr(value);
            case "BOOLEAN" -> PyText.toBool(value);
            default -> value;
        };
    }

    private static @Nullable ObjectNode outOfRange(InputSpec spec, JsonNode value) {
        JsonNode min = spec.options().path("min");
        JsonNode max = spec.options().path("max");
        // NaN compares false to everything, so it passes, as in Python.
        boolean comparable = value.isNumber() && Double.isFinite(value.asDouble());
        if (comparable && min.isNumber() && value.asDecimal().compareTo(min.asDecimal()) < 0) {
            return ErrorBodies.error(
                    "value_smaller_than_min",
                    "Value " + PyText.str(value) + " smaller than min of " + PyText.str(min),
                    spec.name(),
                    ErrorBodies.input(spec, value));
        }
        if (comparable && max.isNumber() && value.asDecimal().compareTo(max.asDecimal()) > 0) {
            return ErrorBodies.error(
                    "value_bigger_than_max",
                    "Value " + PyText.str(value) + " bigger than max of " + PyText.str(max),
                    spec.name(),
                    ErrorBodies.input(spec, value));
        }
        if (spec.isCombo()) {
            JsonNode choices = spec.choices();
            for (JsonNode choice : choices) {
                if (choice.equals(value)) {
                    return null;
                }
            }
            boolean longList = choices.size() > 20;
            ObjectNode info = ErrorBodies.input(spec, value);
            if (longList) {
                info.putNull("input_config");
            }
            String list = longList ? "(list of length " + choices.size() + ")" : PyText.repr(choices);
            return ErrorBodies.error(
                    "value_not_in_list",
                    "Value not in list",
                    spec.name() + ": " + PyText.repr(value) + " not in " + list,
                    info);
        }
        return null;
    }

    private Outcome cycle(String id) {
        if (dialect.isOld()) {
            // The old release ran out of stack here, and lost the message on the way back.
            return new Outcome(false, Json.array());
        }
        List<String> nodes = List.copyOf(visiting.subList(visiting.indexOf(id), visiting.size()));
        List<String> path = new ArrayList<>(nodes.stream().map(this::label).toList());
        path.add(label(id));
        for (String node : nodes) {
            ObjectNode info = Json.object().put("node_id", node);
            info.set("cycle_nodes", Json.strings(nodes));
            ObjectNode error =
                    ErrorBodies.error("dependency_cycle", "Dependency cycle detected", String.join(" -> ", path), info);
            outcomes.put(node, new Outcome(false, Json.array().add(error)));
        }
        return new Outcome(false, Json.array());
    }

    private String label(String id) {
        return id + " (" + graph.get(id).get("class_type").stringValue() + ")";
    }
}
