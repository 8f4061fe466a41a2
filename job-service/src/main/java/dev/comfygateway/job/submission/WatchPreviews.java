package dev.comfygateway.job.submission;

import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.PreviewsRequested;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Tells the worker of a running job that somebody watches it. Only a wish: it is not stored, and may be lost. */
@Component
public class WatchPreviews {

    private static final String SOURCE = "/job-service";

    /** Longer than the time between two wishes of one stream, which says so with each heartbeat. */
    private static final Duration WANTED_FOR = Duration.ofSeconds(40);

    private final DatabaseClient database;
    private final KafkaTemplate<String, byte[]> kafka;
    private final EventCodec codec;
    private final Clock clock;
    // Sending may wait for metadata, which an event loop must not.
    private final Scheduler sending =
            Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "previews-send");

    private record Row(
            String tenant,
            String status,
            @Nullable String attemptId,
            @Nullable String workerId) {}

    WatchPreviews(DatabaseClient database, KafkaTemplate<String, byte[]> kafka, EventCodec codec, Clock clock) {
        this.database = database;
        this.kafka = kafka;
        this.codec = codec;
        this.clock = clock;
    }

    /** Whether a worker was told; empty when the caller sees no such job. */
    public Mono<Boolean> handle(String id, Caller caller) {
        return database.sql("select tenant, status, attempt_id, worker_id from jobs.job where id = :id")
                .bind("id", id)
                .map(row -> new Row(
                        Columns.text(row, "tenant"),
                        Columns.text(row, "status"),
                        row.get("attempt_id", String.class),
                        row.get("worker_id", String.class)))
                .one()
                .filter(row -> caller.maySee(row.tenant()))
                .flatMap(row -> tell(id, row));
    }

    private Mono<Boolean> tell(String id, Row row) {
        String attemptId = row.attemptId();
        String workerId = row.workerId();
        if (attemptId == null || workerId == null || !row.status().equals("running")) {
            return Mono.just(false);
        }
        PreviewsRequested wish =
                new PreviewsRequested(id, attemptId, workerId, clock.instant().plus(WANTED_FOR));
        return Mono.fromFuture(() -> kafka.send(codec.toRecord(
                        Topics.JOBS_CONTROL,
                        new EventEnvelope<>(
                                Ids.newEventId(),
                                EventCatalog.typeOf(wish),
                                SOURCE,
                                id,
                                clock.instant(),
                                null,
                                null,
                                wish))))
                .subscribeOn(sending)
                .thenReturn(true);
    }
}
