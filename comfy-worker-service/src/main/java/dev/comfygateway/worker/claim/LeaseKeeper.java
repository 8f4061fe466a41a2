package dev.comfygateway.worker.claim;

import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.execution.StopReason;
import dev.comfygateway.worker.settings.LeaseProperties;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;

/**
 * Renews the leases of all held attempts with one call, and passes on what the answer says about them. While
 * job-service is away everything goes on: it judges leases only when it is back and has caught up.
 */
@Component
public final class LeaseKeeper {

    private static final Logger log = LoggerFactory.getLogger(LeaseKeeper.class);

    private final ClaimClient jobs;
    private final HeldAttempts held;
    private final Intake intake;
    private final WorkerIdentity identity;
    private final Duration renewEvery;
    private final CountDownLatch introduced = new CountDownLatch(1);
    private @Nullable Thread thread;
    private volatile boolean running;

    public LeaseKeeper(
            ClaimClient jobs, HeldAttempts held, Intake intake, WorkerIdentity identity, LeaseProperties properties) {
        this.jobs = jobs;
        this.held = held;
        this.intake = intake;
        this.identity = identity;
        this.renewEvery = properties.renewEvery();
    }

    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("lease-keeper").start(this::loop);
    }

    public void stop() {
        running = false;
        Thread current = thread;
        if (current != null) {
            current.interrupt();
        }
    }

    /** Whether job-service knows this instance: its first, empty renewal ends the leases of the one before. */
    boolean awaitIntroduced(Duration timeout) throws InterruptedException {
        return introduced.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void loop() {
        boolean away = false;
        while (running) {
            Duration pause = renewEvery;
            try {
                renew();
                introduced.countDown();
                if (away) {
                    log.info("job-service is back");
                    away = false;
                }
            } catch (RestClientException e) {
                if (!away) {
                    log.warn(
                            "Leases not renewed, job-service is away: {}",
                            e.getClass().getSimpleName());
                    away = true;
                }
                pause = Duration.ofSeconds(1).compareTo(renewEvery) < 0 ? Duration.ofSeconds(1) : renewEvery;
            } catch (RuntimeException e) {
                log.error("Lease renewal failed", e);
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void renew() {
        // The list is taken before the call: an attempt granted meanwhile is simply not in the answer.
        List<String> ids = introduced.getCount() > 0 ? List.of() : held.ids();
        LeaseAnswer answer =
                jobs.renew(new LeaseRenewal(identity.workerId(), identity.instanceId(), identity.pool(), ids));
        intake.drained(answer.drain());
        answer.stop().forEach(id -> held.stop(id, StopReason.CANCELED));
        answer.ended().forEach(id -> {
            if (ids.contains(id)) {
                log.atInfo().addKeyValue("attempt.id", id).log("Lease ended; attempt is stopped silently");
                held.stop(id, StopReason.FENCED);
            }
        });
    }
}
