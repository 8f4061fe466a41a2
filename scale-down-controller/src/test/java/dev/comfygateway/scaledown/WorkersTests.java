package dev.comfygateway.scaledown;

import static dev.comfygateway.scaledown.Workers.Occupation.BUSY;
import static dev.comfygateway.scaledown.Workers.Occupation.IDLE;
import static dev.comfygateway.scaledown.Workers.Occupation.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.testing.SetClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkersTests {

    private static final Duration IDLE_AFTER = Duration.ofSeconds(30);
    private static final Duration LOST_AFTER = Duration.ofSeconds(15);
    private static final Duration BEAT = Duration.ofSeconds(2);

    private final SetClock clock = new SetClock();
    private final Workers workers = new Workers(new ScaleDownProperties(BEAT, IDLE_AFTER, LOST_AFTER), clock);

    private void heard(WorkerHeartbeat heartbeat) {
        workers.heard(heartbeat, clock.instant());
    }

    private void idleFor(Duration time) {
        heard(Said.idle("w", clock.instant()));
        for (Duration past = Duration.ZERO; past.compareTo(time) < 0; past = past.plus(BEAT)) {
            clock.forward(BEAT);
            heard(Said.idle("w", clock.instant()));
        }
    }

    @Test
    void isIdleWhenItHasSaidSoForLongEnough() {
        idleFor(IDLE_AFTER.minus(BEAT));
        assertThat(workers.of("w")).isEqualTo(OTHER);

        clock.forward(BEAT);
        assertThat(workers.of("w")).isEqualTo(OTHER);
        heard(Said.idle("w", clock.instant()));
        assertThat(workers.of("w")).isEqualTo(IDLE);
    }

    @Test
    void isBusyAtOnceAndIdleOnlyAfterAnotherWhile() {
        idleFor(IDLE_AFTER);
        heard(Said.busy("w", clock.instant()));
        assertThat(workers.of("w")).isEqualTo(BUSY);

        clock.forward(BEAT);
        idleFor(IDLE_AFTER.minus(BEAT));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @Test
    void isBusyWhileAnyOfItsSlotsIs() {
        heard(Said.by("w", "i-1", WorkerState.IDLE, 3, 4, 1, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(BUSY);
    }

    @Test
    void isBusyUntilItsJobHasEndedAlthoughItTakesTheNextAlready() {
        heard(Said.by("w", "i-1", WorkerState.IDLE, 1, 1, 1, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(BUSY);
    }

    @Test
    void isNeverIdleWhenItDoesNotSayWhatItHolds() {
        heard(Said.by("w", "i-1", WorkerState.IDLE, 3, 4, null, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(BUSY);

        for (int second = 0; second <= IDLE_AFTER.toSeconds(); second += 2) {
            heard(Said.by("w", "i-1", WorkerState.IDLE, 4, 4, null, clock.instant()));
            clock.forward(BEAT);
        }
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @ParameterizedTest
    @EnumSource(names = {"DRAINING", "UNREACHABLE"})
    void isBusyWithWhatItFinishesAlthoughItTakesNothingNew(WorkerState state) {
        heard(Said.by("w", "i-1", state, 0, 1, 1, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(BUSY);
    }

    @Test
    void countsAnewAfterASilence() {
        idleFor(IDLE_AFTER);
        clock.forward(LOST_AFTER.plusMillis(1));
        heard(Said.idle("w", clock.instant()));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @Test
    void forgetsWhoIsSilent() {
        idleFor(IDLE_AFTER);
        workers.forgetSilent();
        assertThat(workers.of("w")).isEqualTo(IDLE);

        // Its heartbeat is late: as if it had never been heard of.
        clock.forward(LOST_AFTER.plusMillis(1));
        workers.forgetSilent();
        workers.heard(Said.idle("w", clock.instant()), clock.instant().minus(LOST_AFTER));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @Test
    void countsAnewWhenItHasStartedAnew() {
        idleFor(IDLE_AFTER);
        heard(Said.by("w", "i-2", WorkerState.IDLE, 1, 1, 0, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @ParameterizedTest
    @EnumSource(names = {"DRAINING", "UNREACHABLE", "STOPPED"})
    void isNeitherWhenItTakesNoWorkAndHoldsNone(WorkerState state) {
        heard(Said.by("w", "i-1", state, 0, 1, 0, clock.instant()));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @Test
    void isNeitherWhenItIsSilentOrUnknown() {
        assertThat(workers.of("w")).isEqualTo(OTHER);
        heard(Said.busy("w", clock.instant()));
        clock.forward(LOST_AFTER);
        assertThat(workers.of("w")).isEqualTo(BUSY);

        clock.forward(Duration.ofMillis(1));
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }

    @Test
    void ignoresWhatIsOlderThanWhatItKnows() {
        heard(Said.busy("w", clock.instant()));
        workers.heard(Said.idle("w", clock.instant()), clock.instant().minus(BEAT));
        assertThat(workers.of("w")).isEqualTo(BUSY);
    }

    @Test
    void forgetsWhoIsGone() {
        heard(Said.busy("w", clock.instant()));
        workers.onTombstone("w");
        assertThat(workers.of("w")).isEqualTo(OTHER);
    }
}
