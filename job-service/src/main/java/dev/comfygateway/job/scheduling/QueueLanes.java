package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Which lanes of each pool have waiting jobs, as this replica knows it: a hint where to look, never the truth about a
 * job. Finding the heads of hundreds of lanes takes some 20 ms, too much for each claim, so they are read every half
 * second, and less often where that would take more than a hundredth of the time; what this replica queues itself is
 * added at once. They are read piece by piece: claims that meet one long statement on a small server would all be
 * late. Whoever finds nothing, or finds them twice as old as that, reads them again first.
 *
 * <p>Thread safe.
 */
@Component
public class QueueLanes {

    private static final Logger log = LoggerFactory.getLogger(QueueLanes.class);
    private static final long FRESH = Duration.ofMillis(500).toNanos();
    private static final long MOST_OF_THE_TIME = 100;
    private static final long OLDEST = Duration.ofSeconds(5).toNanos();
    private static final long COMMITTED_WITHIN = Duration.ofSeconds(2).toNanos();

    private static final int PIECE = 64;
    private static final Duration BETWEEN_PIECES = Duration.ofMillis(20);
    private static final Lane BEFORE_ALL = new Lane("", -1, Instant.EPOCH, 0);

    /** Walks from lane to lane over the index: its cost depends on the number of lanes, not of jobs. */
    static final String HEADS = """
            with recursive head as (
                (select tenant, queue_rank, created_at, submission from jobs.job
                 where status = 'queued' and pool = :pool and (tenant, queue_rank) > (:tenant, :rank)
                 order by tenant, queue_rank, submission + 0 limit 1)
                union all
                select following.* from head cross join lateral (
                    select tenant, queue_rank, created_at, submission from jobs.job
                    where status = 'queued' and pool = :pool
                        and (tenant, queue_rank) > (head.tenant, head.queue_rank)
                    order by tenant, queue_rank, submission + 0 limit 1) following
            )
            select * from head limit %d""".formatted(PIECE);

    private final DatabaseClient database;
    private final LongSupplier nanoTime;
    private final Map<String, View> pools = new ConcurrentHashMap<>();

    @Autowired
    QueueLanes(DatabaseClient database) {
        this(database, System::nanoTime);
    }

    /** @param nanoTime what time it is, as {@link System#nanoTime} tells it */
    public QueueLanes(DatabaseClient database, LongSupplier nanoTime) {
        this.database = database;
        this.nanoTime = nanoTime;
    }

    private record Key(String tenant, int rank) {
        static Key of(Lane lane) {
            return new Key(lane.tenant(), lane.rank());
        }
    }

    /** A lane, and until when it stays although nothing is found in it: its first job may not be committed yet. */
    private record Entry(Lane lane, long staysUntil) {
        boolean mayGo(long now) {
            return now - staysUntil > 0;
        }
    }

    private static final class View {
        private final Map<Key, Entry> lanes = new ConcurrentHashMap<>();
        private final AtomicLong version = new AtomicLong();
        private final AtomicBoolean reading = new AtomicBoolean();
        private volatile boolean everRead;
        private volatile long readAt;
        private volatile long fresh = FRESH;
    }

    /** A job was queued, or will be when the current transaction is committed. */
    public void add(String pool, String tenant, int rank, Instant since) {
        Lane lane = new Lane(tenant, rank, since, Long.MAX_VALUE);
        View view = view(pool);
        view.version.incrementAndGet();
        view.lanes.merge(
                Key.of(lane),
                new Entry(lane, nanoTime.getAsLong() + COMMITTED_WITHIN),
                (known, added) -> new Entry(known.lane(), added.staysUntil()));
    }

    /** The lanes as they are known, read again first when that was longer ago than a second. */
    public Mono<Collection<Lane>> current(String pool) {
        return isOlder(view(pool), 2) ? read(pool) : Mono.fromSupplier(() -> known(pool));
    }

    /** A number that changes when this replica queues a job in the pool. */
    long version(String pool) {
        return view(pool).version.get();
    }

    private Collection<Lane> known(String pool) {
        View view = view(pool);
        if (isOlder(view, 1) && view.reading.compareAndSet(false, true)) {
            read(pool, BETWEEN_PIECES)
                    .doFinally(signal -> view.reading.set(false))
                    .subscribe(
                            lanes -> {},
                            error -> log.debug("Lanes of {} not read: {}", pool, String.valueOf(error.getMessage())));
        }
        return view.lanes.values().stream().map(Entry::lane).toList();
    }

    /** The lanes as they are in the database now. */
    Mono<Collection<Lane>> read(String pool) {
        return read(pool, Duration.ZERO);
    }

    private Mono<Collection<Lane>> read(String pool, Duration pause) {
        return Mono.defer(() -> {
            View view = view(pool);
            long began = nanoTime.getAsLong();
            AtomicLong busy = new AtomicLong();
            return piece(pool, BEFORE_ALL, busy)
                    .expand(piece -> piece.size() < PIECE
                            ? Mono.empty()
                            : piece(pool, piece.getLast(), busy).delaySubscription(pause))
                    .doOnNext(piece -> piece.forEach(lane -> put(view, lane)))
                    .<Lane>flatMapIterable(piece -> piece)
                    .collectList()
                    .map(found -> {
                        Set<Key> keys = found.stream().map(Key::of).collect(Collectors.toSet());
                        view.lanes
                                .entrySet()
                                .removeIf(known -> !keys.contains(known.getKey())
                                        && known.getValue().mayGo(began));
                        view.fresh = Math.clamp(busy.get() * MOST_OF_THE_TIME, FRESH, OLDEST);
                        view.readAt = nanoTime.getAsLong();
                        view.everRead = true;
                        return found;
                    });
        });
    }

    private Mono<List<Lane>> piece(String pool, Lane after, AtomicLong busy) {
        return Mono.defer(() -> {
            long began = nanoTime.getAsLong();
            return database.sql(HEADS)
                    .bind("pool", pool)
                    .bind("tenant", after.tenant())
                    .bind("rank", (short) after.rank())
                    .map(row -> new Lane(
                            Columns.text(row, "tenant"),
                            Columns.number(row, "queue_rank"),
                            Columns.time(row, "created_at"),
                            Columns.large(row, "submission")))
                    .all()
                    .collectList()
                    .doOnNext(found -> busy.addAndGet(nanoTime.getAsLong() - began));
        });
    }

    private boolean isOlder(View view, int times) {
        return !view.everRead || nanoTime.getAsLong() - view.readAt > view.fresh * times;
    }

    private void put(View view, Lane lane) {
        view.lanes.merge(
                Key.of(lane),
                new Entry(lane, nanoTime.getAsLong()),
                (known, read) -> new Entry(read.lane(), later(known.staysUntil(), read.staysUntil())));
    }

    /** What a read has found is not taken away by another that began before. */
    private static long later(long one, long other) {
        return one - other > 0 ? one : other;
    }

    /** Its first job was granted; this one is the first now. */
    void moveOn(String pool, Lane next) {
        view(pool).lanes.computeIfPresent(Key.of(next), (key, known) -> new Entry(next, known.staysUntil()));
    }

    private View view(String pool) {
        return pools.computeIfAbsent(pool, name -> new View());
    }
}
