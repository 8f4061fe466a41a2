package dev.comfygateway.job.pool;

import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.needs.PoolWorkers;
import dev.comfygateway.job.needs.PoolWorkers.PoolWorker;
import dev.comfygateway.job.scheduling.Pauses;
import dev.comfygateway.job.scheduling.Pauses.Pause;
import dev.comfygateway.job.scheduling.QueueLimits;
import dev.comfygateway.job.scheduling.SchedulingPolicy;
import dev.comfygateway.job.scheduling.SchedulingProperties;
import dev.comfygateway.job.submission.SubmissionProperties;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Says what each pool has to do and who does it. */
@Component
public class ReadPools {

    /** Counting reads every job there is. */
    private static final Duration KEPT = Duration.ofSeconds(5);

    private final DatabaseClient database;
    private final SchedulingProperties scheduling;
    private final SubmissionProperties submission;
    private final QueueLimits limits;
    private final Pauses pauses;
    private final PoolWorkers workers;
    private final Mono<Map<String, Map<JobStatus, Integer>>> counts;

    ReadPools(
            DatabaseClient database,
            SchedulingProperties scheduling,
            SubmissionProperties submission,
            QueueLimits limits,
            Pauses pauses,
            PoolWorkers workers) {
        this.database = database;
        this.scheduling = scheduling;
        this.submission = submission;
        this.limits = limits;
        this.pauses = pauses;
        this.workers = workers;
        this.counts = Mono.defer(this::count).cache(value -> KEPT, error -> Duration.ZERO, () -> KEPT);
    }

    /**
     * A pool.
     *
     * @param policy how its waiting jobs are chosen
     * @param maxDepth most jobs that may wait, 0 for any number
     * @param jobs how many there are in each state, as of five seconds ago at most
     * @param workers workers seen within the last hour
     * @param activeWorkers those that take work
     * @param slots attempts these can run at the same time
     */
    public record PoolView(
            String pool,
            SchedulingPolicy policy,
            boolean paused,
            int maxDepth,
            Map<JobStatus, Integer> jobs,
            int workers,
            int activeWorkers,
            int slots) {
        public PoolView {
            jobs = new EnumMap<>(jobs);
        }
    }

    private record Count(String pool, JobStatus status, int jobs) {}

    public boolean exists(String pool) {
        return submission.pools().contains(pool);
    }

    public Mono<List<PoolView>> all() {
        return Mono.zip(counts, pauses.all())
                .map(both -> submission.pools().stream()
                        .map(pool -> view(pool, both.getT1().getOrDefault(pool, Map.of()), both.getT2()))
                        .toList());
    }

    private PoolView view(String pool, Map<JobStatus, Integer> counted, List<Pause> paused) {
        Map<JobStatus, Integer> jobs = new EnumMap<>(JobStatus.class);
        for (JobStatus status : JobStatus.values()) {
            jobs.put(status, counted.getOrDefault(status, 0));
        }
        List<PoolWorker> known = workers.ofPool(pool);
        List<PoolWorker> active = known.stream().filter(PoolWorker::takesWork).toList();
        return new PoolView(
                pool,
                scheduling.policyOf(pool),
                paused.stream()
                        .anyMatch(pause ->
                                pause.kind() == Pauses.Kind.POOL && pause.name().equals(pool)),
                limits.maxDepth(),
                jobs,
                known.size(),
                active.size(),
                active.stream().mapToInt(PoolWorker::slots).sum());
    }

    private Mono<Map<String, Map<JobStatus, Integer>>> count() {
        return database.sql("select pool, status, count(*)::integer as jobs from jobs.job group by pool, status")
                .map(row -> new Count(
                        Columns.text(row, "pool"),
                        JobStatus.parse(Columns.text(row, "status")),
                        Columns.number(row, "jobs")))
                .all()
                .collectList()
                .map(rows -> {
                    Map<String, Map<JobStatus, Integer>> byPool = new HashMap<>();
                    for (Count row : rows) {
                        byPool.computeIfAbsent(row.pool(), pool -> new EnumMap<>(JobStatus.class))
                                .put(row.status(), row.jobs());
                    }
                    return byPool;
                });
    }
}
