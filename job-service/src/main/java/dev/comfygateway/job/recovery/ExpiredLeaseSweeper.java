package dev.comfygateway.job.recovery;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.claim.LeaseProperties;
import dev.comfygateway.job.lifecycle.JobDecision;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * Ends attempts whose lease has run out, and cancels that no worker confirmed.
 *
 * <p>An expired lease is judged only when the worker had a fair chance: not soon after this service, its partitions or
 * the database came back or this process stood still, and only when every report that was there at the start of the
 * sweep has been applied, so that a result that is already in Kafka is never thrown away.
 */
@Component
class ExpiredLeaseSweeper {

    private static final Logger log = LoggerFactory.getLogger(ExpiredLeaseSweeper.class);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final int MOST = 2000;

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final AppliedReports reports;
    private final LeaseProperties lease;
    private final MeterRegistry meters;
    private final SettlingTime settling;

    ExpiredLeaseSweeper(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            AppliedReports reports,
            LeaseProperties lease,
            MeterRegistry meters) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.reports = reports;
        this.lease = lease;
        this.meters = meters;
        this.settling = new SettlingTime(lease.settling(), System::nanoTime);
    }

    private record Expired(String attemptId, String jobId) {}

    @Scheduled(fixedDelay = 1000)
    void sweep() {
        List<Expired> expired;
        try {
            BlockingBridge.await(cancelOverdue(), LONGEST);
            expired = BlockingBridge.await(expired(), LONGEST).orElse(List.of());
        } catch (RuntimeException e) {
            // Workers cannot renew while the database is away, so nobody is to blame for what expires meanwhile.
            settling.begin();
            log.warn("Leases could not be checked: {}", String.valueOf(e.getMessage()));
            return;
        }
        // Asked each time, as it also notices that this process stood still.
        boolean settled = settling.isOver();
        if (expired.isEmpty() || !settled) {
            return;
        }
        try {
            Set<String> judged =
                    reports.applied(expired.stream().map(Expired::jobId).toList());
            for (Expired attempt : expired) {
                if (judged.contains(attempt.jobId()) && settling.isOver()) {
                    BlockingBridge.await(end(attempt), LONGEST);
                }
            }
        } catch (RuntimeException e) {
            log.warn("Expired leases could not be ended: {}", String.valueOf(e.getMessage()));
        }
    }

    private Mono<List<Expired>> expired() {
        return database.sql("select id, job_id from jobs.attempt where ended_at is null"
                        + " and lease_until < clock_timestamp() order by lease_until limit " + MOST)
                .map(row -> new Expired(Columns.text(row, "id"), Columns.text(row, "job_id")))
                .all()
                .collectList();
    }

    private Mono<JobDecision> end(Expired attempt) {
        return transactions.run(jobs.lock(attempt.jobId())
                .filterWhen(locked -> stillExpired(attempt))
                .flatMap(locked -> transitions.apply(
                        locked, new JobTrigger.WorkerLost(attempt.attemptId(), "The worker did not renew its lease")))
                .doOnNext(decision -> {
                    meters.counter(MetricNames.LEASE_LOST).increment();
                    log.atWarn().addKeyValue(LogKeys.JOB_ID, attempt.jobId()).log("A lease ran out");
                }));
    }

    /** A renewal may have come in between; its row lock decides. */
    private Mono<Boolean> stillExpired(Expired attempt) {
        return database.sql("select lease_until < clock_timestamp() as over from jobs.attempt"
                        + " where id = :id and ended_at is null for update")
                .bind("id", attempt.attemptId())
                .map(row -> Boolean.TRUE.equals(row.get("over", Boolean.class)))
                .one()
                .defaultIfEmpty(false);
    }

    private Mono<Void> cancelOverdue() {
        return database.sql("select id from jobs.job where status = 'canceling'"
                        + " and canceling_since < clock_timestamp() - make_interval(secs => :seconds) limit " + MOST)
                .bind("seconds", lease.cancelGrace().toMillis() / 1000.0)
                .map(row -> Columns.text(row, "id"))
                .all()
                .collectList()
                .flatMapIterable(ids -> ids)
                .concatMap(id -> transactions.run(
                        jobs.lock(id).flatMap(locked -> transitions.apply(locked, new JobTrigger.CancelOverdue()))))
                .then();
    }
}
