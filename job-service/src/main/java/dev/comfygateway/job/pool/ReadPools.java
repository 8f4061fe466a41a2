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

    private static final Duration KEPT = Duration.ofSeconds(2);

    /** Counting what has ended reads every job there ever was. */
    private static final Duration ENDED_KEPT = Duration.ofMinutes(1);

    /** In two parts, each with an index of its own. */
    private static final String OPEN = """
            select pool, status, count(*)::integer as jobs from jobs.job where status = 'queued' group by pool, status
            union all
            select pool, status, count(*)::integer from jobs.job
            where status in ('running', 'canceling') group by pool, status""";

    private static final String ENDED = """
            select pool, status, count(*)::integer as jobs from jobs.job
            where status in ('succeeded', 'failed', 'canceled', 'expired') group by pool, status""";

    private final DatabaseClient database;
    private final SchedulingProperties scheduling;
    private final SubmissionProperties submission;
    private final QueueLimits limits;
    private final Pauses pauses;
    private final PoolWorkers workers;
    private final Mono<Map<String, Map<JobStatus, Integer>>> open;
    private final Mono<Map<String, Map<JobStatus, Integer>>> ended;

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
        this.open = kept(OPEN, KEPT);
        this.ended = kept(ENDED, ENDED_KEPT);
    }

    /**
     * A pool.
     *
     * @param policy how its waiting jobs are chosen
     * @param maxDepth most jobs that may wait, 0 for any number
     * @param jobs how many there are in each state, as of two seconds ago at most, and of a minute for what has ended
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
        return Mono.zip(open, ended, pauses.all())
                .map(all -> submission.pools().stream()
                        .map(pool -> {
                            Map<JobStatus, Integer> jobs = new EnumMap<>(JobStatus.class);
                            jobs.putAll(all.getT1().getOrDefault(pool, Map.of()));
                            jobs.putAll(all.getT2().getOrDefault(pool, Map.of()));
                            return view(pool, jobs, all.getT3());
                        })
                        .toList());
    }

    /**
     * What a pool has to do now.
     *
     * @param queued jobs that wait
     * @param running jobs that a worker holds
     */
    public record Open(int queued, int running, boolean paused) {}

    /** As of two seconds ago at most; empty when there is no such pool. What has ended is not counted for it. */
    public Mono<Open> open(String pool) {
        if (!exists(pool)) {
            return Mono.empty();
        }
        return Mono.zip(open, pauses.all()).map(both -> {
            Map<JobStatus, Integer> jobs = both.getT1().getOrDefault(pool, Map.of());
            return new Open(
                    jobs.getOrDefault(JobStatus.QUEUED, 0),
                    jobs.getOrDefault(JobStatus.RUNNING, 0) + jobs.getOrDefault(JobStatus.CANCELING, 0),
                    isPaused(pool, both.getT2()));
        });
    }

    private static boolean isPaused(String pool, List<Pause> paused) {
        return paused.stream()
                .anyMatch(pause ->
                        pause.kind() == Pauses.Kind.POOL && pause.name().equals(pool));
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
                isPaused(pool, paused),
                limits.maxDepth(),
                jobs,
                known.size(),
                active.size(),
                active.stream().mapToInt(PoolWorker::slots).sum());
    }

    private Mono<Map<String, Map<JobStatus, Integer>>> kept(String sql, Duration time) {
        return Mono.defer(() -> count(sql)).cache(counted -> time, error -> Duration.ZERO, () -> time);
    }

    private Mono<Map<String, Map<JobStatus, Integer>>> count(String sql) {
        return database.sql(sql)
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
