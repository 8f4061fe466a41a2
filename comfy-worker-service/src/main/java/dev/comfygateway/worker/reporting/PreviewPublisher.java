package dev.comfygateway.worker.reporting;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.stereotype.Component;

/**
 * Sends previews of attempts that somebody watches. Never in the way of reports: one preview of an attempt is on its
 * way at a time, and what comes meanwhile, or sooner than half a second after the last, is dropped. Thread safe.
 */
@Component
public final class PreviewPublisher {

    private static final Logger log = LoggerFactory.getLogger(PreviewPublisher.class);
    private static final String SOURCE = "/comfy-worker-service";
    private static final long INTERVAL_MS = 500;

    /** Who watches an attempt, and what was sent of it. */
    private record Watch(Instant until, long notBeforeMs, boolean sending) {}

    private final KafkaOperations<String, byte[]> kafka;
    private final EventCodec codec;
    private final Clock clock;
    private final WorkerIdentity identity;
    private final Executor threads;
    private final Map<String, Watch> watched = new ConcurrentHashMap<>();

    @Autowired
    public PreviewPublisher(
            KafkaOperations<String, byte[]> kafka, EventCodec codec, Clock clock, WorkerIdentity identity) {
        // Reading pictures takes time, and Kafka's client may wait for a topic.
        this(
                kafka,
                codec,
                clock,
                identity,
                task -> Thread.ofVirtual().name("preview").start(task));
    }

    /** @param threads where pictures are read and sent */
    PreviewPublisher(
            KafkaOperations<String, byte[]> kafka,
            EventCodec codec,
            Clock clock,
            WorkerIdentity identity,
            Executor threads) {
        this.kafka = kafka;
        this.codec = codec;
        this.clock = clock;
        this.identity = identity;
        this.threads = threads;
    }

    /** From now on until then somebody watches the attempt. */
    public void want(String attemptId, Instant until) {
        Instant now = clock.instant();
        watched.values().removeIf(watch -> watch.until().isBefore(now));
        watched.compute(
                attemptId,
                (id, known) -> known == null
                        ? new Watch(until, 0, false)
                        : new Watch(until, known.notBeforeMs(), known.sending()));
    }

    /** Sends the picture if it is wanted, and closes it in any case. Does not block. */
    public void offer(Grant grant, PromptSignal.Picture picture) {
        if (take(grant.attemptId())) {
            threads.execute(() -> send(grant, picture));
        } else {
            picture.close();
        }
    }

    /** Whether the next picture of the attempt is to be sent; if so it counts as on its way. */
    private boolean take(String attemptId) {
        long now = clock.millis();
        boolean[] taken = new boolean[1];
        watched.computeIfPresent(attemptId, (id, watch) -> {
            if (watch.until().toEpochMilli() < now) {
                return null;
            }
            if (watch.sending() || now < watch.notBeforeMs()) {
                return watch;
            }
            taken[0] = true;
            return new Watch(watch.until(), now + INTERVAL_MS, true);
        });
        return taken[0];
    }

    private void sent(String attemptId) {
        watched.computeIfPresent(attemptId, (id, watch) -> new Watch(watch.until(), watch.notBeforeMs(), false));
    }

    private void send(Grant grant, PromptSignal.Picture picture) {
        String attemptId = grant.attemptId();
        try (picture) {
            SmallPicture small = SmallPicture.of(picture, PreviewShown.MAX_BYTES);
            if (small == null) {
                sent(attemptId);
                return;
            }
            Instant now = clock.instant();
            PreviewShown shown = new PreviewShown(
                    new AttemptRef(grant.jobId(), attemptId, grant.number(), identity.workerId()),
                    now,
                    picture.nodeId(),
                    small.contentType(),
                    Base64.getEncoder().encodeToString(small.bytes()));
            var _ = kafka.send(codec.toRecord(
                            Topics.JOBS_PREVIEWS,
                            new EventEnvelope<>(
                                    Ids.newEventId(),
                                    EventCatalog.typeOf(shown),
                                    SOURCE,
                                    grant.jobId(),
                                    now,
                                    null,
                                    null,
                                    shown)))
                    .whenComplete((result, failure) -> sent(attemptId));
        } catch (IOException | RuntimeException e) {
            // ImageIO's readers fail in many ways on damaged pictures.
            log.debug("Preview not sent", e);
            sent(attemptId);
        }
    }
}
