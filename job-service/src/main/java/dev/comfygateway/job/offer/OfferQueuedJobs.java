package dev.comfygateway.job.offer;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.LoadTable;
import dev.comfygateway.job.scheduling.PoolLoad;
import dev.comfygateway.job.transaction.AdvisoryLock;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.job.worker.WorkerRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Offers again what waits although workers are idle: offers that were lost, and retries that have become due. An offer
 * too many costs one claim.
 */
@Component
class OfferQueuedJobs {

    private static final Logger log = LoggerFactory.getLogger(OfferQueuedJobs.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final WorkerRegistry workers;
    private final LoadTable loads;
    private final ParallelLimits limits;

    OfferQueuedJobs(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            WorkerRegistry workers,
            LoadTable loads,
            ParallelLimits limits) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.workers = workers;
        this.loads = loads;
        this.limits = limits;
    }

    @Scheduled(fixedDelay = 1000)
    void offer() {
        Map<String, Integer> free = workers.freePermits();
        if (free.isEmpty()) {
            return;
        }
        try {
            BlockingBridge.await(
                    Flux.fromIterable(free.entrySet())
                            .concatMap(
                                    pool -> transactions.run(Mono.defer(() -> offer(pool.getKey(), pool.getValue()))))
                            .then(),
                    LONGEST);
        } catch (RuntimeException e) {
            log.warn("Waiting jobs could not be offered again: {}", String.valueOf(e.getMessage()));
        }
    }

    private Mono<Void> offer(String pool, int free) {
        return database.sql("select " + AdvisoryLock.OFFERS_OF_POOL.tryTake("pool") + " as taken")
                .bind("pool", pool)
                .map(row -> Boolean.TRUE.equals(row.get("taken", Boolean.class)))
                .one()
                // Another replica offers the same jobs just now.
                .filter(taken -> taken)
                .flatMap(taken -> loads.of(pool))
                .filter(load -> !load.paused())
                .flatMap(load -> waiting(pool, free, load)
                        .flatMapMany(
                                found -> Flux.fromIterable(found).concatMap(job -> transitions.offer(job, load.now())))
                        .then());
    }

    private Mono<List<Job>> waiting(String pool, int free, PoolLoad load) {
        return database.sql("select " + JobTable.COLUMNS + """
                         from jobs.job
                        where status = 'queued' and pool = :pool and not_before <= clock_timestamp()
                            and (due_at is null or due_at > clock_timestamp())
                            and (attempts > 0 or queued_at < clock_timestamp() - interval '1500 milliseconds')
                            and tenant <> all(:paused) and submitted_by <> all(:full)
                        order by queue_rank, submission + 0 limit :free
                        """)
                .bind("pool", pool)
                .bind("paused", load.pausedTenants().toArray(String[]::new))
                .bind("full", limits.full(load.runningByKey()).toArray(String[]::new))
                .bind("free", free)
                .map(jobs::read)
                .all()
                .collectList();
    }
}
