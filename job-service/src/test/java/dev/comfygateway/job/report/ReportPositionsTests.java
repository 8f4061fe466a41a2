package dev.comfygateway.job.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReportPositionsTests {

    private final ReportPositions positions = new ReportPositions();
    private final Thread one = Thread.ofVirtual().unstarted(() -> {});
    private final Thread other = Thread.ofVirtual().unstarted(() -> {});

    @Test
    void followsTheReader() {
        assertThat(positions.next(3, Duration.ZERO)).isEmpty();
        positions.assigned(one, 3, 10);
        assertThat(positions.next(3, Duration.ZERO)).hasValue(10);
        positions.done(3, 10);
        positions.done(3, 8);
        assertThat(positions.next(3, Duration.ZERO)).hasValue(11);
        positions.revoked(one, 3);
        positions.done(3, 11);
        assertThat(positions.next(3, Duration.ZERO)).isEmpty();
    }

    @Test
    void waitsUntilAReaderHasSettled() {
        positions.assigned(one, 3, 10);
        assertThat(positions.next(3, Duration.ofHours(1))).isEmpty();
    }

    @Test
    void keepsThePositionOfAReaderWhosePredecessorLeavesLate() {
        positions.assigned(one, 3, 10);
        positions.assigned(other, 3, 12);
        positions.revoked(one, 3);
        assertThat(positions.next(3, Duration.ZERO)).hasValue(12);
        positions.revoked(other, 3);
        assertThat(positions.next(3, Duration.ZERO)).isEmpty();
    }
}
