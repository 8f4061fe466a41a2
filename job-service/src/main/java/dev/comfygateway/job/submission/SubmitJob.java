package dev.comfygateway.job.submission;

import dev.comfygateway.contract.asset.AssetInfo;
import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.id.Ids;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.Demand;
import dev.comfygateway.job.lifecycle.persistence.JobContent;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.needs.Needs;
import dev.comfygateway.job.needs.NeedsMatcher.Missing;
import dev.comfygateway.job.quota.Admission;
import dev.comfygateway.job.quota.Admission.Refusal;
import dev.comfygateway.job.storage.StorageClient;
import dev.comfygateway.job.submission.SubmissionProperties.Unrunnable;
import dev.comfygateway.job.submission.SubmitResult.Accepted;
import dev.comfygateway.job.submission.SubmitResult.KeyReused;
import dev.comfygateway.job.submission.SubmitResult.Refused;
import dev.comfygateway.job.submission.SubmitResult.StorageAway;
import dev.comfygateway.job.submission.SubmitResult.UnknownAssets;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.job.workflow.Findings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Makes a job durable, once per idempotency key. */
@Component
public class SubmitJob {

    private static final Logger log = LoggerFactory.getLogger(SubmitJob.class);

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final StorageClient storage;
    private final Demands demands;
    private final Admission admission;
    private final SubmissionProperties properties;
    private final LimitProperties limits;

    SubmitJob(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            StorageClient storage,
            Demands demands,
            Admission admission,
            SubmissionProperties properties,
            LimitProperties limits) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.storage = storage;
        this.demands = demands;
        this.admission = admission;
        this.properties = properties;
        this.limits = limits;
    }

    private sealed interface Resolution {
        record Resolved(List<InputAsset> assets) implements Resolution {}

        record Refused(SubmitResult result) implements Resolution {}
    }

    public Mono<SubmitResult> handle(SubmitJobCommand command) {
        return earlier(command)
                .switchIfEmpty(Mono.defer(() -> resolve(command).flatMap(resolution -> switch (resolution) {
                    case Resolution.Refused(SubmitResult result) -> Mono.just(result);
                    case Resolution.Resolved(List<InputAsset> assets) -> runnable(command, assets);
                })));
    }

    private Mono<SubmitResult> runnable(SubmitJobCommand command, List<InputAsset> assets) {
        Needs needs = demands.needs(command);
        Optional<Missing> missing =
                properties.unrunnable() == Unrunnable.WAIT ? Optional.empty() : demands.missing(command, needs);
        if (missing.isPresent()) {
            ErrorCode code = missing.get().nodeClasses().isEmpty()
                    ? ErrorCode.MODEL_NOT_AVAILABLE
                    : ErrorCode.NODE_NOT_AVAILABLE;
            return Mono.just(new SubmitResult.NotRunnable(code, Demands.findings(command, missing.get())));
        }
        return demands.demand(command, needs)
                .flatMap(demand -> transactions
                        .run(Mono.defer(() -> write(command, assets, demand)))
                        .onErrorResume(RefusedException.class, refused -> Mono.just(new Refused(refused.refusal))));
    }

    /** Rolls back what the submission has written already. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Refusal refusal;

        RefusedException(Refusal refusal) {
            super("refused", null, false, false);
            this.refusal = refusal;
        }
    }

    /** The answer to the same request before this one; empty without a key or for a new key. */
    private Mono<SubmitResult> earlier(SubmitJobCommand command) {
        if (command.idempotencyKey() == null) {
            return Mono.empty();
        }
        return database.sql("select job_id, body_sha256 from jobs.idempotency where tenant = :tenant and key = :key")
                .bind("tenant", command.tenant())
                .bind("key", command.idempotencyKey())
                .map(row -> command.bodySha256().equals(Columns.text(row, "body_sha256"))
                        ? (SubmitResult) new Accepted(Columns.text(row, "job_id"))
                        : new KeyReused())
                .one();
    }

    private Mono<Resolution> resolve(SubmitJobCommand command) {
        if (command.assets().isEmpty()) {
            return Mono.just(new Resolution.Resolved(List.of()));
        }
        return storage.find(command.tenant(), command.assets().keySet())
                .map(found -> resolution(command, found))
                .onErrorResume(error -> {
                    log.warn("Assets could not be looked up: {}", String.valueOf(error.getMessage()));
                    return Mono.just(new Resolution.Refused(new StorageAway()));
                });
    }

    private static Resolution resolution(SubmitJobCommand command, List<AssetInfo> found) {
        Map<String, AssetInfo> byId =
                found.stream().collect(Collectors.toMap(AssetInfo::assetId, Function.identity(), (one, same) -> one));
        List<InputAsset> assets = new ArrayList<>();
        List<FieldError> missing = new ArrayList<>();
        command.assets().forEach((id, uses) -> {
            AssetInfo asset = byId.get(id);
            if (asset == null) {
                uses.forEach(use -> missing.add(new FieldError(
                        command.graphPointer() + Findings.step(use.nodeId()) + "/inputs" + Findings.step(use.input()),
                        "There is no asset " + id)));
            } else {
                assets.add(new InputAsset(id, asset.filename(), asset.size(), asset.sha256(), uses));
            }
        });
        return missing.isEmpty() ? new Resolution.Resolved(assets) : new Resolution.Refused(new UnknownAssets(missing));
    }

    private Mono<SubmitResult> write(SubmitJobCommand command, List<InputAsset> assets, Demand demand) {
        String id = Ids.newJobId();
        Mono<SubmitResult> insert = admission
                .admit(command.pool(), command.submittedBy())
                .flatMap(refusal ->
                        refusal.isPresent() ? Mono.<Instant>error(new RefusedException(refusal.get())) : jobs.now())
                .flatMap(now -> transitions.insert(
                        Job.submit(
                                id,
                                command.tenant(),
                                command.pool(),
                                command.priority(),
                                command.workflowId(),
                                command.metadata(),
                                command.callbackUrl(),
                                command.traceparent(),
                                limits.of(command.time(), now),
                                now),
                        new JobContent(command.graph(), assets, command.allowPartialOutputs(), demand)))
                .thenReturn(new Accepted(id));
        if (command.idempotencyKey() == null) {
            return insert;
        }
        // Waits for a concurrent holder of the same key, so exactly one of a pair inserts.
        return database.sql("""
                        insert into jobs.idempotency (tenant, key, body_sha256, job_id)
                        values (:tenant, :key, :sha, :job) on conflict do nothing
                        """)
                .bind("tenant", command.tenant())
                .bind("key", command.idempotencyKey())
                .bind("sha", command.bodySha256())
                .bind("job", id)
                .fetch()
                .rowsUpdated()
                .flatMap(inserted -> inserted == 1 ? insert : earlier(command));
    }
}
