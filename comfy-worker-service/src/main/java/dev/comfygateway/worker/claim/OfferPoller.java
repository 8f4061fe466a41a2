package dev.comfygateway.worker.claim;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.kafka.UndecodableEventException;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.observability.TraceContexts;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.execution.Attempt;
import dev.comfygateway.worker.execution.AttemptRunner;
import dev.comfygateway.worker.settings.WorkerIdentity;
import io.micrometer.observation.Observation;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

/**
 * Takes offers and claims: one loop for all slots. It polls only while an attempt could be prepared, acknowledges after
 * any definite answer of job-service and before the attempt runs, and while there is no answer it neither starts,
 * acknowledges nor polls. The loop owns its share consumer, because a listener container would poll on.
 */
@Component
public final class OfferPoller {

    private static final Logger log = LoggerFactory.getLogger(OfferPoller.class);
    private static final Duration TURN = Duration.ofSeconds(1);
    private static final Duration COMMIT = Duration.ofSeconds(5);
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 3_000;

    private final KafkaConnection connection;
    private final EventCodec codec;
    private final ClaimClient jobs;
    private final LeaseKeeper leases;
    private final Intake intake;
    private final Backends backends;
    private final AttemptRunner runner;
    private final WorkerIdentity identity;
    private final TraceContexts traces;
    private volatile boolean running;
    private volatile @Nullable ShareConsumer<String, byte[]> consumer;
    private @Nullable Thread thread;

    public OfferPoller(
            KafkaConnection connection,
            EventCodec codec,
            ClaimClient jobs,
            LeaseKeeper leases,
            Intake intake,
            Backends backends,
            AttemptRunner runner,
            WorkerIdentity identity,
            TraceContexts traces) {
        this.connection = connection;
        this.codec = codec;
        this.jobs = jobs;
        this.leases = leases;
        this.intake = intake;
        this.backends = backends;
        this.runner = runner;
        this.identity = identity;
        this.traces = traces;
    }

    public void start() {
        running = true;
        thread = Thread.ofPlatform().daemon().name("offer-poller").start(this::loop);
    }

    /** Takes no further offer; blocks until the loop has ended, a few seconds at most. */
    public void stop() {
        running = false;
        ShareConsumer<String, byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
        Thread current = thread;
        if (current != null) {
            try {
                // A claim on its way is waited for: its grant would otherwise be lost until the lease ends.
                if (!current.join(Duration.ofSeconds(5))) {
                    current.interrupt();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void loop() {
        try {
            while (running && !leases.awaitIntroduced(TURN)) {
                log.debug("Waiting for job-service");
            }
            while (running) {
                try (ShareConsumer<String, byte[]> open = open()) {
                    consumer = open;
                    open.subscribe(List.of(Topics.requested(identity.pool())));
                    while (running) {
                        turn(open);
                    }
                } catch (WakeupException e) {
                    log.debug("Woken to stop");
                } catch (InterruptException e) {
                    throw new InterruptedException();
                } catch (KafkaException e) {
                    log.warn("Offers not readable, trying again: {}", String.valueOf(e.getMessage()));
                    Thread.sleep(1_000);
                } finally {
                    consumer = null;
                }
            }
        } catch (InterruptedException e) {
            log.debug("Interrupted to stop");
        } catch (RuntimeException e) {
            log.error("The offer poller has ended; this worker takes no work any more", e);
        }
    }

    private ShareConsumer<String, byte[]> open() {
        Map<String, Object> settings = new HashMap<>(connection.settings());
        settings.put("group.id", Topics.shareGroup(identity.pool()));
        settings.put("client.id", identity.workerId());
        settings.put("max.poll.records", 1);
        settings.put("share.acquire.mode", "record_limit");
        settings.put("share.acknowledgement.mode", "explicit");
        return new KafkaShareConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private void turn(ShareConsumer<String, byte[]> open) throws InterruptedException {
        Backend backend = intake.awaitOpen(TURN) ? backends.awaitPrepare(TURN) : null;
        if (backend == null) {
            return;
        }
        boolean taken = false;
        try {
            ConsumerRecords<String, byte[]> offers = open.poll(TURN);
            for (ConsumerRecord<String, byte[]> offer : offers) {
                if (!intake.isOpen()) {
                    // For another worker. A claim on its way goes on, and so does what comes of it.
                    acknowledge(open, offer, AcknowledgeType.RELEASE);
                    continue;
                }
                Attempt attempt = taken ? null : claim(offer, backend);
                acknowledge(open, offer, AcknowledgeType.ACCEPT);
                if (attempt != null) {
                    taken = true;
                    runner.start(attempt);
                }
            }
        } finally {
            if (!taken) {
                backend.breaker().releasePermission();
                backend.slot().releasePrepare();
            }
        }
    }

    /** The lock on the offer may be gone by now; then it is offered again, which does no harm. */
    private static void acknowledge(
            ShareConsumer<String, byte[]> open, ConsumerRecord<String, byte[]> offer, AcknowledgeType type) {
        try {
            open.acknowledge(offer, type);
            open.commitSync(COMMIT)
                    .forEach((partition, failure) -> failure.ifPresent(
                            e -> log.debug("Offer not acknowledged: {}", String.valueOf(e.getMessage()))));
        } catch (WakeupException | InterruptException e) {
            // Being stopped; the grant, if there was one, is still run to its end or given back.
            log.debug("Stopped while acknowledging");
        } catch (KafkaException | IllegalStateException e) {
            log.debug("Offer not acknowledged: {}", String.valueOf(e.getMessage()));
        }
    }

    private @Nullable Attempt claim(ConsumerRecord<String, byte[]> offer, Backend backend) throws InterruptedException {
        String jobId = null;
        String traceparent = null;
        try {
            var event = codec.decode(offer).orElse(null);
            if (event != null && event.data() instanceof JobOffered offered) {
                jobId = offered.jobId();
                traceparent = event.traceparent();
            }
        } catch (UndecodableEventException e) {
            log.warn("Offer not readable, claiming without it: {}", e.getMessage());
        }
        Observation observation = traces.continued(MetricNames.ATTEMPT_STEP, "claim", traceparent)
                .lowCardinalityKeyValue("step", "claim")
                .start();
        try (Observation.Scope _ = observation.openScope()) {
            ClaimAnswer answer = claimUntilDefinite(request(jobId, backend));
            Grant grant = answer == null ? null : answer.grant();
            if (grant == null) {
                log.atDebug()
                        .addKeyValue("reason", answer == null ? "REFUSED" : answer.reason())
                        .log("Nothing granted");
                return null;
            }
            // Held before the offer is acknowledged, so that the next renewal already names it.
            Attempt attempt = new Attempt(grant, backend);
            return runner.hold(attempt) ? attempt : null;
        } finally {
            observation.stop();
        }
    }

    private ClaimRequest request(@Nullable String jobId, Backend backend) {
        WorkerInventory inventory = backends.inventory();
        return new ClaimRequest(
                Ids.newEventId(),
                identity.workerId(),
                identity.instanceId(),
                identity.pool(),
                jobId,
                inventory == null ? null : inventory.hash(),
                backend.warmModels(),
                backend.status().vramFreeBytes());
    }

    /**
     * The same claim again and again until job-service has answered it: an answer that got lost is given once more
     * under the same claim id, so no grant is lost and none is made twice.
     *
     * @return null when job-service refused the claim as such
     */
    private @Nullable ClaimAnswer claimUntilDefinite(ClaimRequest request) throws InterruptedException {
        long pause = FIRST_PAUSE_MS;
        boolean said = false;
        while (true) {
            try {
                return jobs.claim(request);
            } catch (RestClientResponseException e) {
                int status = e.getStatusCode().value();
                boolean mayChange = status >= 500 || status == 401 || status == 403 || status == 408 || status == 429;
                if (!mayChange) {
                    log.error("job-service refuses claims with status {}", status);
                    return null;
                }
                if (!said) {
                    log.warn("Claim answered with status {}; trying again", status);
                }
            } catch (RestClientException e) {
                if (!said) {
                    log.atWarn()
                            .addKeyValue(LogKeys.WORKER_ID, identity.workerId())
                            .log("job-service is away; claim is repeated");
                }
            }
            said = true;
            if (!running) {
                throw new InterruptedException("stopped while claiming");
            }
            Thread.sleep(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
        }
    }
}
