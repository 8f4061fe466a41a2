package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * How many jobs may wait in a pool. Far below the limit the number of a second ago and what came since are good enough;
 * near it, they are counted for each submission. The limit can be passed by what is submitted at the same moment, and by
 * what other replicas take within the second.
 */
@Component
public class QueueLimits {

    private static final long FRESH = Duration.ofSeconds(1).toNanos();
    private static final double NEAR = 0.8;

    private final DatabaseClient database;
    private final int maxDepth;
    private final Map<String, Depth> depths = new ConcurrentHashMap<>();

    QueueLimits(DatabaseClient database, SchedulingProperties settings) {
        this.database = database;
        this.maxDepth = settings.maxDepth();
    }

    private record Depth(int jobs, long at, AtomicInteger since) {}

    /** Most jobs that may wait in one pool, 0 for any number. */
    public int maxDepth() {
        return maxDepth;
    }

    /** Whether the pool's queue takes no more. */
    public Mono<Boolean> isFull(String pool) {
        if (maxDepth <= 0) {
            return Mono.just(false);
        }
        Depth known = depths.get(pool);
        if (known != null
                && System.nanoTime() - known.at() < FRESH
                && known.jobs() + known.since().incrementAndGet() < maxDepth * NEAR) {
            return Mono.just(false);
        }
        return count(pool).map(jobs -> jobs >= maxDepth);
    }

    private Mono<Integer> count(String pool) {
        return database.sql("select count(*)::integer as n from (select 1 from jobs.job where status = 'queued'"
                        + " and pool = :pool limit :most) waiting")
                .bind("pool", pool)
                .bind("most", maxDepth)
                .map(row -> Columns.number(row, "n"))
                .one()
                .doOnNext(jobs -> depths.put(pool, new Depth(jobs, System.nanoTime(), new AtomicInteger())));
    }
}
