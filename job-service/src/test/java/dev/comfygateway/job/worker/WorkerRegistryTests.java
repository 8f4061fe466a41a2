package dev.comfygateway.job.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.testing.SetClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerRegistryTests {

    static final WorkerProperties PROPERTIES =
            new WorkerProperties(Duration.ofSeconds(15), Duration.ofHours(1), Duration.ofSeconds(15));

    private final SetClock clock = new SetClock();
    private final WorkerRegistry registry = new WorkerRegistry(PROPERTIES, clock);

    static WorkerHeartbeat heartbeat(
            String id, String pool, WorkerState state, int free, @Nullable String hash, Instant at) {
        return new WorkerHeartbeat(
                id, "i-1", pool, state, free, 1, 0, false, "0.3.70", "GPU", 24L << 30, 20L << 30, hash, at);
    }

    private void heard(String id, String pool, WorkerState state, int free) {
        registry.heard(heartbeat(id, pool, state, free, null, clock.instant()), clock.instant());
    }

    private WorkerHealth health(String id) {
        return Objects.requireNonNull(registry.find(id).orElse(null), () -> id + " is not known")
                .health();
    }

    @ParameterizedTest
    @EnumSource(WorkerState.class)
    void showsWhatAWorkerSays(WorkerState state) {
        heard("w", "default", state, 1);
        assertThat(health("w").toString()).isEqualTo(state.toString());
        assertThat(registry.live()).hasSize(state == WorkerState.STOPPED ? 0 : 1);
    }

    @Test
    @Proves("S1-46")
    void countsASilentWorkerAsLostAndOneThatCameBackAsLive() {
        heard("w", "default", WorkerState.IDLE, 2);
        clock.forward(Duration.ofSeconds(15));
        assertThat(health("w")).isEqualTo(WorkerHealth.IDLE);
        assertThat(registry.freePermits()).isEqualTo(Map.of("default", 2));

        clock.forward(Duration.ofMillis(1));
        assertThat(health("w")).isEqualTo(WorkerHealth.LOST);
        assertThat(registry.live()).isEmpty();
        assertThat(registry.freePermits()).isEmpty();

        heard("w", "default", WorkerState.BUSY, 1);
        assertThat(health("w")).isEqualTo(WorkerHealth.BUSY);
    }

    @Test
    void keepsAStoppedWorkerStoppedHoweverSilent() {
        heard("w", "default", WorkerState.STOPPED, 0);
        clock.forward(Duration.ofMinutes(5));
        assertThat(health("w")).isEqualTo(WorkerHealth.STOPPED);
    }

    @Test
    void forgetsAWorkerAfterADay() {
        heard("w", "default", WorkerState.IDLE, 1);
        clock.forward(Duration.ofHours(1));
        assertThat(registry.seenWithin(Duration.ofHours(1))).hasSize(1);
        clock.forward(Duration.ofSeconds(1));
        assertThat(registry.seenWithin(Duration.ofHours(1))).isEmpty();
        assertThat(registry.find("w")).isNotEmpty();
        clock.forward(Duration.ofDays(1));
        assertThat(registry.find("w")).isEmpty();
    }

    @Test
    void countsPermitsOfThoseThatTakeWorkOnly() {
        heard("a", "default", WorkerState.IDLE, 2);
        heard("b", "default", WorkerState.BUSY, 1);
        heard("c", "default", WorkerState.BUSY, 0);
        heard("d", "large", WorkerState.IDLE, 1);
        heard("e", "large", WorkerState.DRAINING, 1);
        heard("f", "large", WorkerState.UNREACHABLE, 1);
        heard("g", "small", WorkerState.STOPPED, 1);
        assertThat(registry.freePermits()).isEqualTo(Map.of("default", 3, "large", 1));
    }

    /** After a lost connection the topic is read again from its beginning. */
    @Test
    void isNotSetBackByWhatItKnowsAlready() {
        Instant old = clock.instant();
        heard("w", "default", WorkerState.IDLE, 1);
        clock.forward(Duration.ofSeconds(5));
        heard("w", "default", WorkerState.BUSY, 0);
        registry.heard(heartbeat("w", "default", WorkerState.IDLE, 1, null, old), old);
        assertThat(health("w")).isEqualTo(WorkerHealth.BUSY);
    }

    @Test
    void dropsAWorkerWhoseRecordIsGone() {
        heard("w", "default", WorkerState.IDLE, 1);
        registry.onTombstone("w");
        registry.onTombstone("never-seen");
        assertThat(registry.find("w")).isEqualTo(Optional.empty());
    }
}
