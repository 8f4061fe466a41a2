package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.AttemptHold;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobContent;
import dev.comfygateway.job.lifecycle.persistence.JobReading;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.quota.ParallelLimits;
import dev.comfygateway.job.scheduling.Decision;
import dev.comfygateway.job.scheduling.NextJob;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Gives a worker the best job of its pool, by one statement at the end. Repeating a claim returns the same grant. */
@Component
public class ClaimAttempt {

    private static final String CLAIM_ENDED = "CLAIM_ENDED";
    private static final Duration TICKET_MARGIN = Duration.ofHours(1);
    private static final Duration[] BUCKETS =
            Stream.of(5, 10, 25, 50, 100, 250, 1000).map(Duration::ofMillis).toArray(Duration[]::new);

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final NextJob nextJob;
    private final ParallelLimits limits;
    private final ClaimingWorkers workers;
    private final JobTransitions transitions;
    private final InternalTokens tokens;
    private final LeaseProperties lease;
    private final JsonMapper json;
    private final MeterRegistry meters;

    ClaimAttempt(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            NextJob nextJob,
            ParallelLimits limits,
            ClaimingWorkers workers,
            JobTransitions transitions,
            InternalTokens tokens,
            LeaseProperties lease,
            JsonMapper json,
            MeterRegistry meters) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.nextJob = nextJob;
        this.limits = limits;
        this.workers = workers;
        this.transitions = transitions;
        this.tokens = tokens;
        this.lease = lease;
        this.json = json;
        this.meters = meters;
    }

    private record Earlier(String jobId, AttemptHold hold, boolean live) {}

    public Mono<ClaimAnswer> handle(ClaimRequest request) {
        return Mono.defer(() -> {
            Timer.Sample taken = Timer.start(meters);
            return grant(request).doOnNext(answer -> taken.stop(timer(answer)));
        });
    }

    private Timer timer(ClaimAnswer answer) {
        return Timer.builder(MetricNames.CLAIM)
                .tag("outcome", answer.grant() == null ? String.valueOf(answer.reason()) : "GRANTED")
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
    }

    private Mono<ClaimAnswer> grant(ClaimRequest request) {
        Mono<ClaimAnswer> claim = Mono.defer(() ->
                nextJob.grant(request.pool(), request.claimId(), workers.fit(request), job -> grant(request, job)));
        return (limits.exist() ? transactions.detached(claim) : transactions.onOneConnection(claim))
                .flatMap(answer -> answer.grant() == null ? afterNothing(request, answer) : Mono.just(answer))
                // The claim was granted before, so its id is taken; any other duplicate is an error and stays one.
                .onErrorResume(
                        DuplicateKeyException.class,
                        taken -> transactions.run(
                                Mono.defer(() -> repeated(request)).switchIfEmpty(Mono.error(taken))));
    }

    /**
     * The same claim may be getting the last job just now; its transaction is waited for. What was granted before, and
     * whose answer was lost, is the worker's even while it gets nothing new.
     */
    private Mono<ClaimAnswer> afterNothing(ClaimRequest request, ClaimAnswer nothing) {
        return transactions
                .run(jobs.awaitClaim(request.claimId()).then(Mono.defer(() -> repeated(request))))
                .defaultIfEmpty(nothing);
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
                                ? jobs.content(earlier.jobId())
                                        .map(content -> granted(request, locked, earlier.hold(), content))
                                : Mono.just(ClaimAnswer.nothing(CLAIM_ENDED));
                    });
                });
    }

    private Mono<ClaimAnswer> grant(ClaimRequest request, NextJob.Job found) {
        JobReading read = found.next().read();
        AttemptHold hold = new AttemptHold(Ids.newAttemptId(), read.job().attempts() + 1, request.workerId());
        return transitions
                .grant(read, new JobTrigger.Granted(hold), request.claimId(), writes -> {
                    insert(writes, request, read, hold, found.choice().decision());
                    nextJob.note(writes, found, request.pool(), read.now());
                })
                .map(decision -> switch (decision) {
                    case Changed _ -> granted(request, read, hold, found.next().content());
                    case Unchanged unchanged ->
                        throw new IllegalStateException("A queued job refused its grant: " + unchanged.reason());
                });
    }

    private void insert(WriteSet writes, ClaimRequest request, JobReading read, AttemptHold hold, Decision decision) {
        writes.insert(
                        """
                        jobs.attempt
                            (id, job_id, number, worker_id, instance_id, claim_id, phase, lease_until, granted_at, decision)
                        """,
                        ":attemptId, :id, :attempts, :workerId, :instance, :claim, 'preparing', :until, :now, :decision")
                .bind("attemptId", hold.attemptId())
                .bind("id", read.job().id())
                .bind("attempts", hold.number())
                .bind("workerId", hold.workerId())
                .bind("instance", request.instanceId())
                .bind("claim", request.claimId())
                .bind("decision", json.writeValueAsString(decision))
                .bind("until", read.now().plus(lease.duration()))
                .bind("now", read.now());
    }

    private ClaimAnswer granted(ClaimRequest request, JobReading current, AttemptHold hold, JobContent content) {
        Job job = current.job();
        return ClaimAnswer.granted(new Grant(
                job.id(),
                hold.attemptId(),
                hold.number(),
                job.tenant(),
                content.graph(),
                content.inputs(),
                job.limits().ofAttempt(current.now()),
                (int) lease.duration().toSeconds(),
                tokens.issue(
                        Caller.ticket(job.tenant(), job.id(), hold.attemptId()),
                        job.limits().total().plus(TICKET_MARGIN)),
                content.allowPartialOutputs(),
                workers.mustFreeMemory(request, content.demand().vramMb()),
                content.demand().learnedSeconds(),
                job.traceparent()));
    }
}
