package dev.comfygateway.job.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequencesTests {

    @Test
    void leavesTheStepsThatMatterAndTellsTheSeed() {
        assertThatThrownBy(() -> Sequences.check(1000, random -> random.nextInt(10), steps -> {
                    int three = steps.indexOf(3);
                    assertThat(three >= 0 && steps.lastIndexOf(7) > three)
                            .as("a 3 before a 7")
                            .isFalse();
                }))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("[3, 7]")
                .hasMessageMatching("(?s).*-Dsequences.seed=-?\\d+.*")
                .cause()
                .hasMessageContaining("a 3 before a 7");
    }

    @Test
    void triesAsOftenAsItIsTold() {
        List<Integer> lengths = new ArrayList<>();
        Sequences.check(50, random -> 1, steps -> lengths.add(steps.size()));
        assertThat(lengths).hasSize(50);
        assertThat(lengths.stream().distinct().count()).isGreaterThan(1);
    }
}
