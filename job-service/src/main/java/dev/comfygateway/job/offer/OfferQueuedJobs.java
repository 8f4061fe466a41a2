package dev.comfygateway.job.offer;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.job.worker.WorkerRegistry;
import java.time.Duration;
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

    OfferQueuedJobs(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            WorkerRegistry workers) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.workers = workers;
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
        return database.sql("select " + JobTable.COLUMNS + """
                         from jobs.job
                        where status = 'queued' and pool = :pool and not_before <= clock_timestamp()
                            and (attempts > 0 or queued_at < clock_timestamp() - interval '1500 milliseconds')
                        order by queue_rank, submission limit :free
                        """)
                .bind("pool", pool)
                .bind("free", free)
                .map(jobs::read)
                .all()
                .collectList()
                .zipWith(jobs.now())
                .flatMapMany(found ->
                        Flux.fromIterable(found.getT1()).concatMap(job -> transitions.offer(job, found.getT2())))
                .then();
    }
}
