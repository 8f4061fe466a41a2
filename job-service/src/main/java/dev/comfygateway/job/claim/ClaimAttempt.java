package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.AttemptHold;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.lifecycle.persistence.LockedJob;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Objects;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Gives a worker the best job of its pool, in one short transaction. Repeating a claim returns the same grant. */
@Component
public class ClaimAttempt {

    private static final String QUEUE_EMPTY = "QUEUE_EMPTY";
    private static final String CLAIM_ENDED = "CLAIM_ENDED";
    private static final Duration TICKET_MARGIN = Duration.ofHours(1);

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final InternalTokens tokens;
    private final LeaseProperties lease;
    private final LimitProperties limits;
    private final MeterRegistry meters;

    ClaimAttempt(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            InternalTokens tokens,
            LeaseProperties lease,
            LimitProperties limits,
            MeterRegistry meters) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.tokens = tokens;
        this.lease = lease;
        this.limits = limits;
        this.meters = meters;
    }

    private record Earlier(String jobId, AttemptHold hold, boolean live) {}

    public Mono<ClaimAnswer> handle(ClaimRequest request) {
        return transactions
                .run(Mono.defer(() -> repeated(request)
                        .switchIfEmpty(Mono.defer(() -> next(request)))
                        .defaultIfEmpty(ClaimAnswer.nothing(QUEUE_EMPTY))))
                // The same claim at the same time: the other one has won, and its grant is found now.
                .retryWhen(Retry.max(1).filter(DataIntegrityViolationException.class::isInstance))
                .doOnNext(answer -> meters.counter(
                                MetricNames.CLAIM,
                                "outcome",
                                answer.grant() == null ? String.valueOf(answer.reason()) : "GRANTED")
                        .increment());
    }

    private Mono<ClaimAnswer> repeated(ClaimRequest request) {
        return database.sql("""
                        select id, job_id, number, worker_id, ended_at is null as live
                        from jobs.attempt where claim_id = :claim
                        """)
                .bind("claim", request.claimId())
                .map(row -> new Earlier(
                        Columns.text(row, "job_id"),
                        new AttemptHold(
                                Columns.text(row, "id"), Columns.number(row, "number"), Columns.text(row, "worker_id")),
                        Boolean.TRUE.equals(row.get("live", Boolean.class))))
                .one()
                .flatMap(earlier -> {
                    if (!earlier.live() || !earlier.hold().workerId().equals(request.workerId())) {
                        return Mono.just(ClaimAnswer.nothing(CLAIM_ENDED));
                    }
                    return jobs.lock(earlier.jobId()).flatMap(locked -> {
                        boolean holds =
                                earlier.hold().equals(locked.job().state().hold());
                        return holds
                                ? grant(locked.job(), earlier.hold())
                                : Mono.just(ClaimAnswer.nothing(CLAIM_ENDED));
                    });
                });
    }

    private Mono<ClaimAnswer> next(ClaimRequest request) {
        return jobs.lockNext(request.pool()).flatMap(locked -> {
            AttemptHold hold = new AttemptHold(Ids.newAttemptId(), locked.job().attempts() + 1, request.workerId());
            return insert(request, locked, hold)
                    .then(transitions.apply(locked, new JobTrigger.Granted(hold)))
                    .then(grant(locked.job(), hold));
        });
    }

    private Mono<Void> insert(ClaimRequest request, LockedJob locked, AttemptHold hold) {
        return database.sql("""
                        insert into jobs.attempt
                            (id, job_id, number, worker_id, instance_id, claim_id, phase, lease_until, granted_at)
                        values (:id, :job, :number, :worker, :instance, :claim, 'preparing', :until, :now)
                        """)
                .bind("id", hold.attemptId())
                .bind("job", locked.job().id())
                .bind("number", hold.number())
                .bind("worker", hold.workerId())
                .bind("instance", request.instanceId())
                .bind("claim", request.claimId())
                .bind("until", locked.now().plus(lease.duration()))
                .bind("now", locked.now())
                .then();
    }

    private Mono<ClaimAnswer> grant(Job job, AttemptHold hold) {
        return jobs.content(job.id())
                .map(content -> ClaimAnswer.granted(new Grant(
                        job.id(),
                        hold.attemptId(),
                        hold.number(),
                        job.tenant(),
                        Objects.requireNonNull(content).graph(),
                        content.inputs(),
                        limits.limits(),
                        (int) lease.duration().toSeconds(),
                        tokens.issue(
                                Caller.ticket(job.tenant(), job.id(), hold.attemptId()),
                                limits.total().plus(TICKET_MARGIN)),
                        content.allowPartialOutputs(),
                        job.traceparent())));
    }
}
