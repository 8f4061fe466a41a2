package dev.comfygateway.job.submission.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.job.submission.RequestedTime;
import dev.comfygateway.job.workflow.Findings;
import dev.comfygateway.job.workflow.RequestedLimits;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestedTimeReaderTests {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    private final RequestedTimeReader reader = new RequestedTimeReader(Clock.fixed(NOW, ZoneOffset.UTC));
    private final Findings findings = new Findings();

    @Test
    void takesTheTemplatesLimitsWhereTheRequestHasNone() {
        RequestedTime time = reader.read(
                Map.of("limits", Map.of("totalSeconds", 5), "ttlSeconds", 60L),
                new RequestedLimits(null, 7, null, 9),
                findings);

        assertThat(findings.errors()).isEmpty();
        assertThat(time.limits()).isEqualTo(new RequestedLimits(null, 7, null, 5));
        assertThat(time.ttl()).isEqualTo(Duration.ofMinutes(1));
        assertThat(time.deadline()).isNull();
    }

    @Test
    void readsADeadlineInAnyZone() {
        RequestedTime time = reader.read(Map.of("deadline", "2026-01-02T05:04:05+01:00"), null, findings);

        assertThat(findings.errors()).isEmpty();
        assertThat(time.limits()).isEqualTo(RequestedLimits.NONE);
        assertThat(time.deadline()).isEqualTo(NOW.plusSeconds(3600));
    }

    @Test
    void refusesADeadlineThatHasPassed() {
        reader.read(Map.of("deadline", "2026-01-02T03:04:05Z"), null, findings);

        assertThat(findings.errors())
                .singleElement()
                .satisfies(error -> assertThat(error.pointer()).isEqualTo("/deadline"));
    }
}
