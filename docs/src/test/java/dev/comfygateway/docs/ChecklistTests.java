package dev.comfygateway.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.comfygateway.docs.Checklist.Criterion;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ChecklistTests {

    @Test
    void carriesEveryCriterionOnce() {
        assertThat(Checklist.load().criteria().stream()
                        .collect(Collectors.groupingBy(Criterion::section, Collectors.counting())))
                .containsEntry("S0", 94L)
                .containsEntry("S1", 72L)
                .containsEntry("S2", 60L)
                .containsEntry("S3", 54L)
                .containsEntry("S4", 49L)
                .containsEntry("X", 20L)
                .hasSize(6);
    }

    @Test
    void titlesEverySection() {
        Checklist checklist = Checklist.load();

        assertThat(checklist.sections().keySet())
                .containsExactlyElementsOf(checklist.criteria().stream()
                        .map(Criterion::section)
                        .distinct()
                        .toList());
    }

    @Test
    void refusesLinesThatSayNothing() {
        refuses("S0-1", "Not a criterion");
        refuses("S0-1\t", "Not a criterion");
        refuses("S9-1\tx", "Not an id");
        refuses("S0-1\tx\nS0-1\ty", "Listed twice");
        refuses("S0-1\tx\tmaybe\ty", "Neither");
        refuses("S0-1\tx\treplaced by\t", "No reason");
    }

    private static void refuses(String text, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Checklist.parse(text))
                .withMessageContaining(reason);
    }
}
