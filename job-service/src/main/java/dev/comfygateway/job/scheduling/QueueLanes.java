package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Which lanes of each pool have waiting jobs, as this replica knows it: a hint where to look, never the truth about a
 * job. Finding the heads of hundreds of lanes costs about 20 ms, too much for each claim, so they are read at most every
 * half second; what this replica queues itself is added at once. Whoever finds nothing reads them again first.
 *
 * <p>Thread safe.
 */
@Component
public class QueueLanes {

    private static final Logger log = LoggerFactory.getLogger(QueueLanes.class);
    private static final long FRESH = Duration.ofMillis(500).toNanos();

    /** Walks from lane to lane over the index: its cost depends on the number of lanes, not of jobs. */
    static final String HEADS = """
            with recursive head as (
                (select tenant, queue_rank, queued_at, submission from jobs.job
                 where status = 'queued' and pool = :pool order by tenant, queue_rank, submission limit 1)
                union all
                select following.* from head cross join lateral (
                    select tenant, queue_rank, queued_at, submission from jobs.job
                    where status = 'queued' and pool = :pool
                        and (tenant, queue_rank) > (head.tenant, head.queue_rank)
                    order by tenant, queue_rank, submission limit 1) following
            )
            select * from head""";

    private final DatabaseClient database;
    private final Map<String, View> pools = new ConcurrentHashMap<>();

    QueueLanes(DatabaseClient database) {
        this.database = database;
    }

    private record Key(String tenant, int rank) {}

    private static final class View {
        private final Map<Key, Lane> lanes = new ConcurrentHashMap<>();
        private final AtomicBoolean reading = new AtomicBoolean();
        private volatile long readAt = System.nanoTime() - 2 * FRESH;
    }

    /** A job was queued, or will be when the current transaction is committed. */
    public void add(String pool, Lane lane) {
        view(pool).lanes.putIfAbsent(new Key(lane.tenant(), lane.rank()), lane);
    }

    /** The lanes as they are known; read again in the background when that was a moment ago. */
    Collection<Lane> known(String pool) {
        View view = view(pool);
        if (System.nanoTime() - view.readAt > FRESH && view.reading.compareAndSet(false, true)) {
            read(pool)
                    .doFinally(signal -> view.reading.set(false))
                    .subscribe(
                            lanes -> {},
                            error -> log.debug("Lanes of {} not read: {}", pool, String.valueOf(error.getMessage())));
        }
        return List.copyOf(view.lanes.values());
    }

    /** The lanes as they are in the database now. */
    Mono<Collection<Lane>> read(String pool) {
        View view = view(pool);
        return database.sql(HEADS)
                .bind("pool", pool)
                .map(row -> new Lane(
                        Columns.text(row, "tenant"),
                        Columns.number(row, "queue_rank"),
                        Columns.time(row, "queued_at"),
                        Columns.large(row, "submission")))
                .all()
                .collectList()
                .map(lanes -> {
                    Map<Key, Lane> found = lanes.stream()
                            .collect(
                                    Collectors.toMap(lane -> new Key(lane.tenant(), lane.rank()), Function.identity()));
                    view.lanes.keySet().retainAll(found.keySet());
                    view.lanes.putAll(found);
                    view.readAt = System.nanoTime();
                    return lanes;
                });
    }

    /** Nothing was found in it. */
    void empty(String pool, Lane lane) {
        view(pool).lanes.remove(new Key(lane.tenant(), lane.rank()), lane);
    }

    /** Its first job was granted; this one is the first now. */
    void moveOn(String pool, Lane next) {
        view(pool).lanes.replace(new Key(next.tenant(), next.rank()), next);
    }

    private View view(String pool) {
        return pools.computeIfAbsent(pool, name -> new View());
    }
}
