package dev.comfygateway.job.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A graph with placeholders.
 *
 * @param id what clients ask for
 * @param name for people
 * @param description for people
 * @param workflowJson graph whose strings may hold {@code {{name}}}
 * @param inputSchema what may be filled in
 * @param defaultParams values that go before a field's own default
 * @param limits time limits of its jobs where the request does not ask for others, or null
 */
public record WorkflowTemplate(
        String id,
        String name,
        String description,
        Map<String, Object> workflowJson,
        InputSchema inputSchema,
        Map<String, Object> defaultParams,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable RequestedLimits limits) {

    /**
     * The inputs of a template.
     *
     * @param type always {@code object}
     * @param fields by name
     */
    public record InputSchema(String type, Map<String, Field> fields) {}

    /**
     * One input.
     *
     * @param type {@code string}, {@code integer}, {@code number}, {@code boolean} or {@code asset}
     * @param required whether it must be given when there is no default
     * @param defaultValue used when it is not given
     * @param min smallest number
     * @param max largest number
     * @param maxLength most characters
     * @param allowed the only values, or null for any
     * @param description for people
     */
    public record Field(
            String type,
            boolean required,

            @com.fasterxml.jackson.annotation.JsonProperty("default") @Nullable
            Object defaultValue,

            @Nullable Double min,
            @Nullable Double max,
            @Nullable Integer maxLength,

            @com.fasterxml.jackson.annotation.JsonProperty("enum") @Nullable
            List<Object> allowed,

            @Nullable String description) {}
}
