package dev.comfygateway.job.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SettlingTimeTests {

    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);
    private final SettlingTime settling = new SettlingTime(Duration.ofSeconds(30), clock::get);

    @Test
    void isOverAfterItsTime() {
        assertThat(askEachSecond(29)).isFalse();
        assertThat(askEachSecond(1)).isTrue();
        assertThat(askEachSecond(100)).isTrue();
    }

    @Test
    void beginsAgainWhenAsked() {
        askEachSecond(40);
        settling.begin();
        assertThat(askEachSecond(29)).isFalse();
        assertThat(askEachSecond(1)).isTrue();
    }

    @Test
    void beginsAgainWhenTheProcessStoodStill() {
        askEachSecond(40);
        pass(Duration.ofMinutes(2));
        assertThat(settling.isOver()).isFalse();
        assertThat(askEachSecond(29)).isFalse();
        assertThat(askEachSecond(1)).isTrue();
    }

    private boolean askEachSecond(int seconds) {
        boolean over = false;
        for (int i = 0; i < seconds; i++) {
            pass(Duration.ofSeconds(1));
            over = settling.isOver();
        }
        return over;
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }
}
