package dev.comfygateway.blocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StartupWaitTests {

    private final List<String> told = new ArrayList<>();

    @Test
    void saysNothingWhenNothingIsMissing() {
        assertThat(StartupWait.await(Duration.ZERO, Optional::<String>empty, told::add))
                .isEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void asksAgainUntilNothingIsMissingAndTellsOnce() {
        Iterator<Optional<String>> answers = List.of(
                        Optional.of("first"), Optional.of("second"), Optional.<String>empty())
                .iterator();

        assertThat(StartupWait.await(Duration.ofMinutes(1), answers::next, told::add))
                .isEmpty();
        assertThat(answers).isExhausted();
        assertThat(told).containsExactly("first");
    }

    @Test
    void answersWhatIsMissingAtTheEnd() {
        assertThat(StartupWait.await(Duration.ZERO, () -> Optional.of("a thing"), told::add))
                .contains("a thing");
    }

    @Test
    void endsWithItsThread() {
        Thread.currentThread().interrupt();
        assertThatIllegalStateException()
                .isThrownBy(() -> StartupWait.await(Duration.ofMinutes(1), () -> Optional.of("a thing"), told::add));
        assertThat(Thread.interrupted()).isTrue();
    }
}
