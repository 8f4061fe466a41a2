package dev.comfygateway.job.worker;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Which workers operators drain. Durable, and the same for all replicas at once. Fails when the database is away.
 */
@Component
public class WorkerDrains {

    /** A column that says of the worker {@code :worker} whether it is drained, for queries about it that run anyway. */
    public static final String IS_DRAINED =
            "exists (select 1 from jobs.worker_drain where worker_id = :worker) as drained";

    private static final Logger log = LoggerFactory.getLogger(WorkerDrains.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final DatabaseClient database;
    private final WorkerRegistry workers;
    private final WorkerTopics topics;

    /** Who drained a worker, and when. */
    public record Drain(String by, Instant at) {}

    WorkerDrains(DatabaseClient database, WorkerRegistry workers, WorkerTopics topics) {
        this.database = database;
        this.workers = workers;
        this.topics = topics;
    }

    /** All of them, by worker. */
    public Mono<Map<String, Drain>> all() {
        return database.sql("select worker_id, drained_by, at from jobs.worker_drain")
                .map(row -> Map.entry(
                        Columns.text(row, "worker_id"),
                        new Drain(Columns.text(row, "drained_by"), Columns.time(row, "at"))))
                .all()
                .collectMap(Map.Entry::getKey, Map.Entry::getValue);
    }

    /** From now on the worker gets nothing new. Who drained it first is kept. */
    public Mono<Void> drain(String workerId, String by) {
        return database.sql("insert into jobs.worker_drain (worker_id, drained_by, at)"
                        + " values (:worker, :by, clock_timestamp()) on conflict do nothing")
                .bind("worker", workerId)
                .bind("by", by)
                .fetch()
                .rowsUpdated()
                .doOnNext(rows -> note(rows, workerId, by, "drained"))
                .then();
    }

    /** The worker gets work again. */
    public Mono<Void> resume(String workerId, String by) {
        return database.sql("delete from jobs.worker_drain where worker_id = :worker")
                .bind("worker", workerId)
                .fetch()
                .rowsUpdated()
                .doOnNext(rows -> note(rows, workerId, by, "resumed"))
                .then();
    }

    /** Names of workers may be made anew at each start, so what is drained and never comes back must not pile up. */
    @Scheduled(fixedDelay = 600_000, initialDelay = 60_000)
    public void forget() {
        if (!topics.areRead()) {
            return;
        }
        String[] seen = workers.seenWithin(WorkerRegistry.FORGOTTEN_AFTER).stream()
                .map(worker -> worker.heartbeat().workerId())
                .toArray(String[]::new);
        try {
            BlockingBridge.await(
                    database.sql("delete from jobs.worker_drain where worker_id <> all(:seen)"
                                    + " and at < clock_timestamp() - make_interval(secs => :seconds)")
                            .bind("seen", seen)
                            .bind("seconds", (double) WorkerRegistry.FORGOTTEN_AFTER.toSeconds())
                            .then(),
                    LONGEST);
        } catch (RuntimeException e) {
            log.warn("Drains of workers that are gone could not be forgotten: {}", String.valueOf(e.getMessage()));
        }
    }

    private static void note(long rows, String workerId, String by, String what) {
        if (rows > 0) {
            log.atInfo()
                    .addKeyValue("worker.id", workerId)
                    .addKeyValue("by", by)
                    .log("A worker was {} by an operator", what);
        }
    }
}
