package dev.comfygateway.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReportPositionsTests {

    private static final Object STALLED = "consumer 1";
    private static final Object NEXT = "consumer 2";

    private final ReportPositions positions = new ReportPositions();

    @Test
    void keepsThePositionOfAConsumerThatTookOver() {
        positions.assigned(3, 10, STALLED);
        // The first stalls and is left out; only when it wakes does it hear that the partition is not its own any more.
        positions.assigned(3, 12, NEXT);
        positions.done(3, 12);
        positions.revoked(3, STALLED);

        assertThat(positions.next(3, Duration.ZERO)).hasValue(13);
    }

    @Test
    void forgetsThePositionOfAConsumerThatLeaves() {
        positions.assigned(3, 10, STALLED);
        positions.revoked(3, STALLED);

        assertThat(positions.next(3, Duration.ZERO)).isEmpty();
    }

    @Test
    void trustsNoPositionThatIsNew() {
        positions.assigned(3, 10, NEXT);

        assertThat(positions.next(3, Duration.ofMinutes(1))).isEmpty();
    }
}
