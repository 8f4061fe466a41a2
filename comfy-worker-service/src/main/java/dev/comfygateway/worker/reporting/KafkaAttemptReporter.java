package dev.comfygateway.worker.reporting;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.LogKeys;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.kafka.support.SendResult;

/**
 * Reports through {@code jobs.progress}. One thread per attempt sends: what failed is sent again, together with all
 * that came after it, so that the order holds; repeated reports are harmless.
 */
final class KafkaAttemptReporter implements AttemptReporter {

    private static final Logger log = LoggerFactory.getLogger(KafkaAttemptReporter.class);
    private static final String SOURCE = "/comfy-worker-service";

    /** Above this many waiting reports, steps within a node are dropped. */
    private static final int STEPS_LIMIT = 256;

    private record Sent(ProducerRecord<String, byte[]> message, CompletableFuture<?> result) {}

    private final KafkaOperations<String, byte[]> kafka;
    private final EventCodec codec;
    private final Clock clock;
    private final AttemptRef attempt;
    private final String tenant;
    private final @Nullable String traceparent;
    private final LinkedBlockingQueue<AttemptReport> waiting = new LinkedBlockingQueue<>();
    private final CountDownLatch delivered = new CountDownLatch(1);
    private final Thread sender;
    private long n;
    private boolean ended;
    private volatile boolean discarded;

    KafkaAttemptReporter(
            KafkaOperations<String, byte[]> kafka,
            EventCodec codec,
            Clock clock,
            String workerId,
            Grant grant,
            @Nullable String traceparent) {
        this.kafka = kafka;
        this.codec = codec;
        this.clock = clock;
        this.attempt = new AttemptRef(grant.jobId(), grant.attemptId(), grant.number(), workerId);
        this.tenant = grant.tenant();
        this.traceparent = traceparent;
        this.sender = Thread.ofVirtual().name("report-" + grant.attemptId()).start(this::sendLoop);
    }

    @Override
    public synchronized void report(Draft draft) {
        if (ended || discarded) {
            return;
        }
        AttemptReport report = draft.complete(attempt, n + 1, clock.instant());
        if (report instanceof AttemptReport.Progressed && waiting.size() > STEPS_LIMIT) {
            return;
        }
        n++;
        ended = report instanceof AttemptReport.Ended;
        waiting.add(report);
    }

    @Override
    public void discard() {
        discarded = true;
        waiting.clear();
        sender.interrupt();
    }

    @Override
    public boolean awaitDelivered(Duration timeout) throws InterruptedException {
        return delivered.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void sendLoop() {
        Deque<Sent> inFlight = new ArrayDeque<>();
        try {
            while (!discarded) {
                AttemptReport report = waiting.take();
                send(inFlight, record(report));
                settle(inFlight, report instanceof AttemptReport.Ended);
                if (report instanceof AttemptReport.Ended) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            log.debug("Reports of a fenced attempt dropped");
        } finally {
            delivered.countDown();
        }
    }

    private ProducerRecord<String, byte[]> record(AttemptReport report) {
        EventEnvelope<AttemptReport> event = new EventEnvelope<>(
                attempt.attemptId() + ":" + report.n(),
                EventCatalog.typeOf(report),
                SOURCE,
                attempt.jobId(),
                report.at(),
                tenant,
                traceparent,
                report);
        return codec.toRecord(Topics.JOBS_PROGRESS, event);
    }

    private void send(Deque<Sent> inFlight, ProducerRecord<String, byte[]> message) {
        CompletableFuture<SendResult<String, byte[]>> result;
        try {
            result = kafka.send(message);
        } catch (KafkaException | org.springframework.kafka.KafkaException e) {
            // Thrown while the broker is away at the first send, or when the producer's buffer is full.
            result = CompletableFuture.failedFuture(e);
        }
        inFlight.add(new Sent(message, result));
    }

    /** Takes what is acknowledged off the head; sends again from the first failure on. */
    private void settle(Deque<Sent> inFlight, boolean all) throws InterruptedException {
        long pause = 100;
        while (true) {
            Sent head = inFlight.peek();
            if (head == null || (!all && !head.result.isDone())) {
                return;
            }
            try {
                head.result.get();
                inFlight.remove();
                continue;
            } catch (ExecutionException e) {
                log.atWarn()
                        .addKeyValue(LogKeys.JOB_ID, attempt.jobId())
                        .log("Report not accepted by Kafka; trying again: {}", String.valueOf(e.getMessage()));
            }
            Thread.sleep(pause);
            pause = Math.min(pause * 2, 5_000);
            Deque<Sent> again = new ArrayDeque<>(inFlight);
            inFlight.clear();
            for (Sent sent : again) {
                send(inFlight, sent.message);
            }
        }
    }
}
