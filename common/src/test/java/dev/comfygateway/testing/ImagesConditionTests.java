package dev.comfygateway.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;

class ImagesConditionTests {

    private static final String KAFKA = ContainerImage.KAFKA.reference(Map.of());
    private static final String POSTGRES = ContainerImage.POSTGRES.reference(Map.of());

    @Test
    void skipsWithoutAnEngine() {
        ConditionEvaluationResult result = evaluate(null, Map.of("CONTAINER_TESTS", "pull"));

        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).contains("no Docker engine answers");
    }

    @Test
    void runsWhenEveryImageIsThere() {
        assertThat(evaluate(Set.of(KAFKA, POSTGRES), Map.of()).isDisabled()).isFalse();
    }

    @Test
    void namesTheImagesThatAreMissing() {
        assertThat(evaluate(Set.of(KAFKA), Map.of()).getReason().orElseThrow())
                .contains(POSTGRES)
                .doesNotContain(KAFKA);
    }

    @Test
    void pullsOnlyWhenTold() {
        assertThat(evaluate(Set.of(), Map.of()).isDisabled()).isTrue();
        assertThat(evaluate(Set.of(), Map.of("CONTAINER_TESTS", "pull")).isDisabled())
                .isFalse();
    }

    @Test
    void looksForTheImagesThatTheEnvironmentNames() {
        Map<String, String> environment = Map.of("TEST_KAFKA_IMAGE", "mirror.test/kafka:1");

        assertThat(evaluate(Set.of("mirror.test/kafka:1", POSTGRES), environment)
                        .isDisabled())
                .isFalse();
        assertThat(evaluate(Set.of(KAFKA, POSTGRES), environment).isDisabled()).isTrue();
    }

    /** @param present images that the engine has, or null when there is no engine */
    private static ConditionEvaluationResult evaluate(@Nullable Set<String> present, Map<String, String> environment) {
        ImagesCondition.Engine engine = new ImagesCondition.Engine() {
            @Override
            public Optional<String> fault() {
                return present == null ? Optional.of("no Docker engine answers") : Optional.empty();
            }

            @Override
            public boolean has(String image) {
                return Objects.requireNonNull(present).contains(image);
            }
        };
        return new ImagesCondition(engine, environment)
                .evaluate(List.of(ContainerImage.POSTGRES, ContainerImage.KAFKA));
    }
}
