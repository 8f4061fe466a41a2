package dev.comfygateway.job.workflow;

import dev.comfygateway.id.Ids;
import dev.comfygateway.job.workflow.WorkflowTemplate.Field;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks the values for a template and puts them into its graph. */
public final class TemplateFiller {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([A-Za-z_][A-Za-z0-9_]*)\\s*}}");

    private final LongSupplier seeds;

    /** @param seeds gives the seed where the client asks for a random one with -1 */
    public TemplateFiller(LongSupplier seeds) {
        this.seeds = seeds;
    }

    /** The filled graph; meaningless when something was added to the findings. */
    public Map<String, Object> fill(
            WorkflowTemplate template, Map<String, Object> inputs, Map<String, Object> params, Findings findings) {
        Map<String, Field> fields = template.inputSchema().fields();
        refuseUnknown(fields, inputs, "/inputs", findings);
        refuseUnknown(fields, params, "/params", findings);
        Map<String, Object> values = new LinkedHashMap<>();
        fields.forEach((name, field) -> {
            String pointer = (params.containsKey(name) && !inputs.containsKey(name) ? "/params" : "/inputs")
                    + Findings.step(name);
            Object value = given(inputs, params, name);
            if (value == null) {
                value = template.defaultParams().getOrDefault(name, field.defaultValue());
            }
            if (value == null) {
                if (field.required()) {
                    findings.add(pointer, "is required");
                }
                value = field.type().equals("string") ? "" : null;
            } else {
                check(field, value, pointer, findings);
            }
            if (name.equals("seed") && value instanceof Number number && number.longValue() == -1) {
                value = seeds.getAsLong();
            }
            if (value != null) {
                values.put(name, value);
            }
        });
        Map<String, Object> graph = new LinkedHashMap<>();
        template.workflowJson().forEach((id, node) -> graph.put(id, replace(node, values)));
        return graph;
    }

    private static @Nullable Object given(Map<String, Object> inputs, Map<String, Object> params, String name) {
        Object value = inputs.get(name);
        return value == null ? params.get(name) : value;
    }

    private static void refuseUnknown(
            Map<String, Field> fields, Map<String, Object> values, String pointer, Findings findings) {
        values.keySet().stream()
                .filter(name -> !fields.containsKey(name))
                .forEach(name -> findings.add(pointer + Findings.step(name), "is not an input of this workflow"));
    }

    private static void check(Field field, Object value, String pointer, Findings findings) {
        String problem = switch (field.type()) {
            case "integer" -> isInteger(value) ? range(field, value) : "must be an integer";
            case "number" -> value instanceof Number ? range(field, value) : "must be a number";
            case "boolean" -> value instanceof Boolean ? null : "must be true or false";
            case "asset" ->
                value instanceof String text && Ids.isAssetId(text)
                        ? null
                        : "must be the id of an uploaded asset (as_…)";
            default -> value instanceof String text ? length(field, text) : "must be a string";
        };
        if (problem == null && field.allowed() != null && !field.allowed().contains(value)) {
            problem = "must be one of " + field.allowed();
        }
        if (problem != null) {
            findings.add(pointer, problem);
        }
    }

    private static boolean isInteger(Object value) {
        return value instanceof Integer || value instanceof Long || value instanceof BigInteger;
    }

    private static @Nullable String range(Field field, Object value) {
        BigDecimal number = new BigDecimal(value.toString());
        if (field.min() != null && number.compareTo(BigDecimal.valueOf(field.min())) < 0) {
            return "must be at least " + plain(field.min());
        }
        if (field.max() != null && number.compareTo(BigDecimal.valueOf(field.max())) > 0) {
            return "must be at most " + plain(field.max());
        }
        return null;
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private static @Nullable String length(Field field, String text) {
        return field.maxLength() != null && text.length() > field.maxLength()
                ? "must have at most " + field.maxLength() + " characters"
                : null;
    }

    private static @Nullable Object replace(@Nullable Object part, Map<String, Object> values) {
        return switch (part) {
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.forEach((key, value) -> copy.put(String.valueOf(key), replace(value, values)));
                yield copy;
            }
            case List<?> list ->
                list.stream().map(item -> replace(item, values)).toList();
            case String text -> replaceText(text, values);
            case null, default -> part;
        };
    }

    /** A placeholder alone keeps the value's type; within other text it becomes text. Values are not searched again. */
    private static Object replaceText(String text, Map<String, Object> values) {
        Matcher matcher = PLACEHOLDER.matcher(text);
        if (matcher.matches()) {
            return values.getOrDefault(matcher.group(1), text);
        }
        return PLACEHOLDER
                .matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(String.valueOf(values.getOrDefault(found.group(1), found.group()))));
    }
}
