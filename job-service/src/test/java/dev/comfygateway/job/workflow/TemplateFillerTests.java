package dev.comfygateway.job.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.job.workflow.WorkflowTemplate.Field;
import dev.comfygateway.job.workflow.WorkflowTemplate.InputSchema;
import dev.comfygateway.testing.Proves;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TemplateFillerTests {

    private final TemplateFiller filler = new TemplateFiller(() -> 42);
    private final Findings findings = new Findings();

    private final WorkflowTemplate template = new WorkflowTemplate(
            "t",
            "T",
            "",
            Map.of(
                    "1",
                    Map.of(
                            "class_type",
                            "X",
                            "inputs",
                            Map.of(
                                    "steps", "{{steps}}",
                                    "seed", "{{seed}}",
                                    "text", "a {{prompt}}, {{steps}} steps",
                                    "deep", List.of(Map.of("cfg", "{{cfg}}"))))),
            new InputSchema(
                    "object",
                    new LinkedHashMap<>(Map.of(
                            "prompt", field("string", true, null, null, null, 20),
                            "steps", field("integer", false, 20, 1.0, 150.0, null),
                            "cfg", field("number", false, 7.5, 0.0, 30.0, null),
                            "seed", field("integer", false, -1, null, null, null)))),
            Map.of(),
            null);

    @Test
    @Proves("S0-20")
    void keepsTheTypeOfAValueThatStandsAlone() {
        Map<?, ?> inputs = inputs(filler.fill(template, Map.of("prompt", "{{cfg}}", "steps", 30), Map.of(), findings));

        assertThat(findings.errors()).isEmpty();
        assertThat(inputs.get("steps")).isEqualTo(30);
        assertThat(inputs.get("deep")).isEqualTo(List.of(Map.of("cfg", 7.5)));
        // What a user types is never a placeholder.
        assertThat(inputs.get("text")).isEqualTo("a {{cfg}}, 30 steps");
    }

    @Test
    @Proves("S0-22")
    void choosesASeedForMinusOneAndKeepsAnyOther() {
        assertThat(inputs(filler.fill(template, Map.of("prompt", "x", "seed", -1), Map.of(), findings))
                        .get("seed"))
                .isEqualTo(42L);
        BigInteger large = new BigInteger("18446744073709551615");
        assertThat(inputs(filler.fill(template, Map.of("prompt", "x", "seed", large), Map.of(), findings))
                        .get("seed"))
                .isEqualTo(large);
    }

    @Test
    @Proves("S0-21")
    void namesEveryWrongInput() {
        filler.fill(template, Map.of("steps", 0, "cfg", "high", "color", 1), Map.of(), findings);

        assertThat(findings.errors())
                .containsExactlyInAnyOrder(
                        new FieldError("/inputs/color", "is not an input of this workflow"),
                        new FieldError("/inputs/prompt", "is required"),
                        new FieldError("/inputs/steps", "must be at least 1"),
                        new FieldError("/inputs/cfg", "must be a number"));
    }

    private static Map<?, ?> inputs(Map<String, Object> graph) {
        Map<?, ?> node = Objects.requireNonNull((Map<?, ?>) graph.get("1"));
        return Objects.requireNonNull((Map<?, ?>) node.get("inputs"));
    }

    private static Field field(
            String type,
            boolean required,
            @Nullable Object byDefault,
            @Nullable Double min,
            @Nullable Double max,
            @Nullable Integer maxLength) {
        return new Field(type, required, byDefault, min, max, maxLength, null, "");
    }
}
