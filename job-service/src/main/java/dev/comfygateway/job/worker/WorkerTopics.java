package dev.comfygateway.job.worker;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Whether the workers of now are known. Part of the service's readiness, for a bounded time after its start only: without
 * Kafka jobs are still taken, shown and canceled.
 */
public class WorkerTopics implements HealthIndicator {

    private static final Logger log = LoggerFactory.getLogger(WorkerTopics.class);

    private final BooleanSupplier caughtUp;
    private final Clock clock;
    private final Instant latest;
    private volatile boolean ready;

    WorkerTopics(BooleanSupplier caughtUp, Duration patience, Clock clock) {
        this.caughtUp = caughtUp;
        this.clock = clock;
        this.latest = clock.instant().plus(patience);
    }

    /** Whether everything that workers said before this start has been read. */
    public boolean areRead() {
        return caughtUp.getAsBoolean();
    }

    @Override
    public Health health() {
        if (!ready && areRead()) {
            ready = true;
        } else if (!ready && clock.instant().isAfter(latest)) {
            log.warn("Serving without knowing the workers: their topics could not be read in time");
            ready = true;
        }
        return ready
                ? Health.up().build()
                : Health.outOfService()
                        .withDetail("reason", "reading the workers' topics")
                        .build();
    }
}
