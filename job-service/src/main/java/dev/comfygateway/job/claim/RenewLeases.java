package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Extends the leases of a worker and ends those of its earlier instances. */
@Component
public class RenewLeases {

    private static final String CANCELING = "canceling";

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final LeaseProperties lease;

    RenewLeases(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            LeaseProperties lease) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.lease = lease;
    }

    private record Orphan(String attemptId, String jobId) {}

    public Mono<LeaseAnswer> handle(LeaseRenewal renewal) {
        return endEarlierInstances(renewal).then(Mono.defer(() -> renew(renewal)));
    }

    private Mono<Void> endEarlierInstances(LeaseRenewal renewal) {
        return database.sql("""
                        select id, job_id from jobs.attempt
                        where worker_id = :worker and instance_id <> :instance and ended_at is null
                        """)
                .bind("worker", renewal.workerId())
                .bind("instance", renewal.instanceId())
                .map(row -> new Orphan(Columns.text(row, "id"), Columns.text(row, "job_id")))
                .all()
                .collectList()
                .flatMapIterable(orphans -> orphans)
                .concatMap(orphan -> transactions.run(jobs.lock(orphan.jobId())
                        .flatMap(locked -> transitions.apply(
                                locked, new JobTrigger.WorkerLost(orphan.attemptId(), "The worker restarted")))))
                .then();
    }

    private Mono<LeaseAnswer> renew(LeaseRenewal renewal) {
        if (renewal.attemptIds().isEmpty()) {
            return Mono.just(answer(renewal, Map.of()));
        }
        return database.sql("""
                        update jobs.attempt a
                        set lease_until = clock_timestamp() + make_interval(secs => :seconds)
                        from jobs.job j
                        where a.id = any(:ids) and a.worker_id = :worker and a.instance_id = :instance
                            and a.ended_at is null and j.id = a.job_id and j.attempt_id = a.id
                        returning a.id, j.status
                        """)
                .bind("seconds", lease.duration().toMillis() / 1000.0)
                .bind("ids", renewal.attemptIds().toArray(String[]::new))
                .bind("worker", renewal.workerId())
                .bind("instance", renewal.instanceId())
                .map(row -> Map.entry(Columns.text(row, "id"), Columns.text(row, "status")))
                .all()
                .collectList()
                .map(rows -> {
                    Map<String, String> held = new HashMap<>();
                    rows.forEach(row -> held.put(row.getKey(), row.getValue()));
                    return answer(renewal, held);
                });
    }

    private LeaseAnswer answer(LeaseRenewal renewal, Map<String, String> held) {
        List<String> renewed = renewal.attemptIds().stream()
                .filter(id -> held.containsKey(id) && !CANCELING.equals(held.get(id)))
                .toList();
        List<String> stop = renewal.attemptIds().stream()
                .filter(id -> CANCELING.equals(held.get(id)))
                .toList();
        List<String> ended = renewal.attemptIds().stream()
                .filter(id -> !held.containsKey(id))
                .toList();
        return new LeaseAnswer(renewed, stop, ended, (int) lease.duration().toSeconds(), false);
    }
}
