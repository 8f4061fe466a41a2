package dev.comfygateway.worker.presence;

import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.claim.ControlListener;
import dev.comfygateway.worker.claim.Intake;
import dev.comfygateway.worker.claim.LeaseKeeper;
import dev.comfygateway.worker.claim.OfferPoller;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.execution.StopReason;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Starts and stops the worker's parts in order. At the stop no new offer is taken, what is not expected to end within
 * the grace is given back at once, what is still running after it then, and the last word is the goodbye.
 */
@Component
public final class WorkerLifecycle implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(WorkerLifecycle.class);
    private static final Duration LAST_REPORTS = Duration.ofSeconds(10);

    private final Backends backends;
    private final LeaseKeeper leases;
    private final ControlListener stops;
    private final Heartbeats heartbeats;
    private final OfferPoller poller;
    private final Intake intake;
    private final HeldAttempts held;
    private final WorkerIdentity identity;
    private final Duration grace;
    private volatile boolean running;

    public WorkerLifecycle(
            Backends backends,
            LeaseKeeper leases,
            ControlListener stops,
            Heartbeats heartbeats,
            OfferPoller poller,
            Intake intake,
            HeldAttempts held,
            WorkerIdentity identity,
            ExecutionProperties settings) {
        this.backends = backends;
        this.leases = leases;
        this.stops = stops;
        this.heartbeats = heartbeats;
        this.poller = poller;
        this.intake = intake;
        this.held = held;
        this.identity = identity;
        this.grace = settings.grace();
    }

    @Override
    public void start() {
        log.atInfo()
                .addKeyValue(LogKeys.WORKER_ID, identity.workerId())
                .addKeyValue("pool", identity.pool())
                .addKeyValue("slots", backends.all().size())
                .log("Worker starts");
        backends.start();
        leases.start();
        stops.start();
        heartbeats.start();
        poller.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        long deadline = System.nanoTime() + grace.toNanos();
        intake.stop();
        poller.stop();
        try {
            Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
            held.all().forEach(attempt -> attempt.giveBackUnlessOverWithin(left));
            if (!held.awaitNone(left)) {
                log.info("Grace is over; {} attempts are given back", held.ids().size());
                held.all().forEach(attempt -> attempt.stop(StopReason.EVICTED));
                held.awaitNone(LAST_REPORTS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        stops.stop();
        leases.stop();
        heartbeats.stop();
        backends.stop();
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
