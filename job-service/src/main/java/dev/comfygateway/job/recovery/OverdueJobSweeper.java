package dev.comfygateway.job.recovery;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.claim.LeaseProperties;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.observability.LogKeys;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Ends jobs that waited too long, and attempts that are held long beyond their limit although their worker still renews
 * them: a job is never stuck.
 *
 * <p>Any number of replicas may do it at once: each job is judged again under its lock, by the database's clock.
 */
@Component
class OverdueJobSweeper {

    private static final Logger log = LoggerFactory.getLogger(OverdueJobSweeper.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int MOST = 500;

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final AppliedReports reports;
    private final LeaseProperties lease;

    OverdueJobSweeper(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            AppliedReports reports,
            LeaseProperties lease) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.reports = reports;
        this.lease = lease;
    }

    @Scheduled(fixedDelay = 1000)
    void sweep() {
        try {
            BlockingBridge.await(due("queued", Duration.ZERO).flatMap(this::end), LONGEST);
            List<String> running = BlockingBridge.await(due("running", lease.overtime()), LONGEST)
                    .orElse(List.of());
            if (!running.isEmpty()) {
                // A result that is already in Kafka is never thrown away.
                BlockingBridge.await(end(reports.applied(running)), LONGEST);
            }
        } catch (RuntimeException e) {
            log.warn("Overdue jobs could not be ended: {}", String.valueOf(e.getMessage()));
        }
    }

    private Mono<List<String>> due(String status, Duration grace) {
        return database.sql("select id from jobs.job where status = :status"
                        + " and due_at <= clock_timestamp() - make_interval(secs => :seconds)"
                        + " order by due_at limit " + MOST)
                .bind("status", status)
                .bind("seconds", grace.toMillis() / 1000.0)
                .map(row -> Columns.text(row, "id"))
                .all()
                .collectList();
    }

    private Mono<Void> end(Collection<String> ids) {
        return Flux.fromIterable(ids)
                .concatMap(id -> transactions
                        .run(jobs.lock(id)
                                .flatMap(locked -> transitions.apply(locked, new JobTrigger.TimeUp(lease.overtime()))))
                        // One job that cannot be ended must not keep the others waiting.
                        .onErrorResume(error -> {
                            log.atWarn()
                                    .addKeyValue(LogKeys.JOB_ID, id)
                                    .log("An overdue job could not be ended: {}", String.valueOf(error.getMessage()));
                            return Mono.empty();
                        }))
                .then();
    }
}
