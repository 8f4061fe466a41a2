package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * How much waits in the lanes of a pool. It reads the whole queue, tens of milliseconds for 100,000 jobs, so the answer
 * is kept for two seconds. Thread safe.
 */
@Component
public class DepthTable {

    private static final Duration KEPT = Duration.ofSeconds(2);

    private static final String DEPTHS = """
            select tenant, queue_rank, count(*)::integer as jobs, sum(estimate)::double precision as seconds,
                sum(deviation ^ 2)::double precision as variance, min(created_at) as created_at,
                min(submission) as submission, max(submission) as last_submission
            from jobs.job where status = 'queued' and pool = :pool group by tenant, queue_rank""";

    private final DatabaseClient database;
    private final Map<String, Mono<List<LaneDepth>>> pools = new ConcurrentHashMap<>();

    DepthTable(DatabaseClient database) {
        this.database = database;
    }

    /** What waits in the pool, of at most two seconds ago. */
    public Mono<List<LaneDepth>> of(String pool) {
        return pools.computeIfAbsent(
                pool, name -> Mono.defer(() -> read(name)).cache(depths -> KEPT, error -> Duration.ZERO, () -> KEPT));
    }

    private Mono<List<LaneDepth>> read(String pool) {
        return database.sql(DEPTHS)
                .bind("pool", pool)
                .map(DepthTable::depth)
                .all()
                .collectList();
    }

    private static LaneDepth depth(Readable row) {
        return new LaneDepth(
                new Lane(
                        Columns.text(row, "tenant"),
                        Columns.number(row, "queue_rank"),
                        Columns.time(row, "created_at"),
                        Columns.large(row, "submission")),
                Columns.number(row, "jobs"),
                Columns.real(row, "seconds"),
                Columns.real(row, "variance"),
                Columns.large(row, "last_submission"));
    }
}
