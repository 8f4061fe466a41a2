package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.job.lifecycle.JobDecision;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.job.worker.WorkerDrains;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Extends the leases of a worker and ends those of its earlier instances; says whether it is drained. */
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

    private record Found(boolean drained, @Nullable Orphan orphan) {}

    public Mono<LeaseAnswer> handle(LeaseRenewal renewal) {
        return endEarlierInstances(renewal).flatMap(drained -> renew(renewal, drained));
    }

    /** Answers whether the worker is drained; the same query tells. */
    private Mono<Boolean> endEarlierInstances(LeaseRenewal renewal) {
        return database.sql("select " + WorkerDrains.IS_DRAINED + """
                        , a.id, a.job_id from (values (1)) always left join jobs.attempt a
                            on a.worker_id = :worker and a.instance_id <> :instance and a.ended_at is null
                        """)
                .bind("worker", renewal.workerId())
                .bind("instance", renewal.instanceId())
                .map(row -> new Found(
                        Boolean.TRUE.equals(row.get("drained", Boolean.class)),
                        row.get("id") == null
                                ? null
                                : new Orphan(Columns.text(row, "id"), Columns.text(row, "job_id"))))
                .all()
                .collectList()
                .flatMap(found -> Flux.fromIterable(found)
                        .mapNotNull(Found::orphan)
                        .concatMap(this::end)
                        .then(Mono.just(found.getFirst().drained())));
    }

    private Mono<JobDecision> end(Orphan orphan) {
        return transactions.run(jobs.lock(orphan.jobId())
                .flatMap(locked -> transitions.apply(
                        locked, new JobTrigger.WorkerLost(orphan.attemptId(), "The worker restarted"))));
    }

    private Mono<LeaseAnswer> renew(LeaseRenewal renewal, boolean drained) {
        if (renewal.attemptIds().isEmpty()) {
            return Mono.just(answer(renewal, Map.of(), drained));
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
                    return answer(renewal, held, drained);
                });
    }

    private LeaseAnswer answer(LeaseRenewal renewal, Map<String, String> held, boolean drained) {
        List<String> renewed = renewal.attemptIds().stream()
                .filter(id -> held.containsKey(id) && !CANCELING.equals(held.get(id)))
                .toList();
        List<String> stop = renewal.attemptIds().stream()
                .filter(id -> CANCELING.equals(held.get(id)))
                .toList();
        List<String> ended = renewal.attemptIds().stream()
                .filter(id -> !held.containsKey(id))
                .toList();
        return new LeaseAnswer(renewed, stop, ended, (int) lease.duration().toSeconds(), drained);
    }
}
