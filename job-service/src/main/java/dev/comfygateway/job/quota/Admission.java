package dev.comfygateway.job.quota;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.scheduling.QueueLimits;
import java.util.Optional;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Decides, in the transaction of a submission, whether one more job may wait. */
@Component
public class Admission {

    private final DatabaseClient database;
    private final QuotaProperties quotas;
    private final QueueLimits queue;

    Admission(DatabaseClient database, QuotaProperties quotas, QueueLimits queue) {
        this.database = database;
        this.quotas = quotas;
        this.queue = queue;
    }

    /** Why a job is refused. */
    public sealed interface Refusal {}

    /** So many jobs wait in the pool. */
    public record QueueFull(int depth) implements Refusal {}

    /** The key has as much as it may; the text says of what. */
    public record QuotaExceeded(String detail) implements Refusal {}

    /** Empty when the job may wait; its key's day is charged then. */
    public Mono<Optional<Refusal>> admit(String pool, String key) {
        return queue.isFull(pool)
                .flatMap(full -> full ? Mono.just(Optional.of(new QueueFull(queue.maxDepth()))) : admit(key));
    }

    private Mono<Optional<Refusal>> admit(String key) {
        int queued = quotas.queuedOf(key);
        int perDay = quotas.perDayOf(key);
        if (queued <= 0 && perDay <= 0) {
            return Mono.just(Optional.empty());
        }
        return KeyLock.take(database, key)
                .then(Mono.defer(() -> queued <= 0 ? Mono.just(0) : waiting(key, queued)))
                .flatMap(waiting -> {
                    if (queued > 0 && waiting >= queued) {
                        return Mono.just(Optional.of(
                                new QuotaExceeded("The key has " + waiting + " jobs waiting, as many as it may")));
                    }
                    return perDay <= 0 ? Mono.just(Optional.empty()) : charge(key, perDay);
                });
    }

    private Mono<Integer> waiting(String key, int most) {
        return database.sql("select count(*)::integer as n from (select 1 from jobs.job where status = 'queued'"
                        + " and submitted_by = :key limit :most) waiting")
                .bind("key", key)
                .bind("most", most)
                .map(row -> Columns.number(row, "n"))
                .one();
    }

    private Mono<Optional<Refusal>> charge(String key, int perDay) {
        return database.sql("""
                        insert into jobs.key_day as today (key_id, day, jobs)
                        values (:key, (clock_timestamp() at time zone 'UTC')::date, 1)
                        on conflict (key_id, day) do update set jobs = today.jobs + 1 where today.jobs < :most
                        returning jobs
                        """)
                .bind("key", key)
                .bind("most", perDay)
                .map(row -> Columns.number(row, "jobs"))
                .one()
                .map(jobs -> Optional.<Refusal>empty())
                .defaultIfEmpty(Optional.of(
                        new QuotaExceeded("The key has submitted " + perDay + " jobs today (UTC), as many as it may")));
    }
}
