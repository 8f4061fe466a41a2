package dev.comfygateway.job.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.SetClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Status;

class WorkerTopicsTests {

    private final SetClock clock = new SetClock();
    private final AtomicBoolean read = new AtomicBoolean();
    private final WorkerTopics topics = new WorkerTopics(read::get, Duration.ofSeconds(15), clock);

    private Status status() {
        return topics.health().getStatus();
    }

    @Test
    void isReadyWhenBothTopicsAreRead() {
        assertThat(status()).isEqualTo(Status.OUT_OF_SERVICE);
        read.set(true);
        assertThat(status()).isEqualTo(Status.UP);
        assertThat(topics.areRead()).isTrue();
    }

    @Test
    void isReadyWithoutThemAfterAWhileAndStaysSo() {
        clock.forward(Duration.ofSeconds(15));
        assertThat(status()).isEqualTo(Status.OUT_OF_SERVICE);
        clock.forward(Duration.ofSeconds(1));
        assertThat(status()).isEqualTo(Status.UP);
        assertThat(status()).isEqualTo(Status.UP);
        assertThat(topics.areRead()).isFalse();
    }
}
