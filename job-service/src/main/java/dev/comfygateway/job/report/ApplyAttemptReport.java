package dev.comfygateway.job.report;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.attempt.AttemptReport.Ended;
import dev.comfygateway.contract.attempt.AttemptReport.ExecutionStarted;
import dev.comfygateway.job.lifecycle.JobDecision.Changed;
import dev.comfygateway.job.lifecycle.JobDecision.Unchanged;
import dev.comfygateway.job.lifecycle.JobTrigger;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.lifecycle.persistence.JobTransitions;
import dev.comfygateway.job.transaction.DetachedTransactions;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import io.r2dbc.spi.Parameters;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets a report change its job, if the attempt it is about still holds it. Repeated reports change nothing: the state
 * machine refuses them.
 */
@Component
public class ApplyAttemptReport {

    private static final String APPLIED = "applied";
    private static final String FENCED = "fenced";

    private final DatabaseClient database;
    private final DetachedTransactions transactions;
    private final JobTable jobs;
    private final JobTransitions transitions;
    private final ProgressBook progress;
    private final JsonMapper json;
    private final MeterRegistry meters;

    ApplyAttemptReport(
            DatabaseClient database,
            DetachedTransactions transactions,
            JobTable jobs,
            JobTransitions transitions,
            ProgressBook progress,
            JsonMapper json,
            MeterRegistry meters) {
        this.database = database;
        this.transactions = transactions;
        this.jobs = jobs;
        this.transitions = transitions;
        this.progress = progress;
        this.json = json;
        this.meters = meters;
    }

    public Mono<Void> handle(AttemptReport report) {
        return switch (report) {
            case Ended ended -> end(ended);
            case ExecutionStarted started -> start(started);
            case AttemptReport.NodeStarted _,
                    AttemptReport.NodeFinished _,
                    AttemptReport.Progressed _,
                    AttemptReport.OutputStored _ -> note(report);
        };
    }

    private Mono<Void> end(Ended ended) {
        String id = ended.attempt().attemptId();
        JobTrigger.OfAttempt trigger = switch (ended) {
            case AttemptSucceeded success -> new JobTrigger.Succeeded(id, success.outputs(), success.executionTimeMs());
            case AttemptFailed failed -> new JobTrigger.Failed(id, failed.failure());
            case AttemptCanceled _ -> new JobTrigger.Stopped(id);
        };
        ExecutionNotes notes = progress.notes(ended);
        return transactions
                .run(jobs.lock(ended.attempt().jobId())
                        .flatMap(locked -> execution(id, notes)
                                .flatMap(execution -> transitions.end(locked, trigger, execution.orElse(null)))))
                .map(decision -> switch (decision) {
                    case Changed _ -> APPLIED;
                    case Unchanged unchanged -> unchanged.reason().name().toLowerCase(Locale.ROOT);
                })
                .defaultIfEmpty("unknown_job")
                .doOnNext(outcome -> {
                    progress.forget(id);
                    count(ended, outcome);
                })
                .then();
    }

    private Mono<Void> start(ExecutionStarted started) {
        return update(
                        "phase = 'executing', progress = coalesce(:progress, progress),"
                                + " execution = coalesce(:execution, execution)",
                        started,
                        progress.take(started))
                .doOnNext(rows -> count(started, rows == 0 ? FENCED : APPLIED))
                .then();
    }

    private Mono<Void> note(AttemptReport report) {
        ProgressBook.Due due = progress.take(report);
        return due == null
                ? Mono.empty()
                : update("progress = :progress, execution = :execution", report, due)
                        .then();
    }

    /** Without the job's lock: an attempt that no longer holds its job has ended, and nothing else is decided here. */
    private Mono<Long> update(String assignments, AttemptReport report, ProgressBook.@Nullable Due due) {
        String id = report.attempt().attemptId();
        return execution(id, due == null ? null : due.notes())
                .flatMap(execution -> database.sql(
                                "update jobs.attempt set " + assignments + " where id = :id and ended_at is null")
                        .bind(
                                "progress",
                                due == null
                                        ? Parameters.in(String.class)
                                        : Parameters.in(json.writeValueAsString(due.progress())))
                        .bind("execution", execution.map(Parameters::in).orElseGet(() -> Parameters.in(String.class)))
                        .bind("id", id)
                        .fetch()
                        .rowsUpdated());
    }

    /** What to store of the run, empty for what is stored already; read first when another replica heard a part of it. */
    private Mono<Optional<String>> execution(String attemptId, @Nullable ExecutionNotes notes) {
        if (notes == null) {
            return Mono.just(Optional.empty());
        }
        return Mono.just(notes)
                .filter(ExecutionNotes::isWhole)
                .switchIfEmpty(Mono.defer(() -> stored(attemptId).map(stored -> {
                    notes.merge(stored.orElse(null));
                    return notes;
                })))
                .map(whole -> Optional.of(json.writeValueAsString(whole.toExecution())));
    }

    private Mono<Optional<Execution>> stored(String attemptId) {
        return database.sql("select execution from jobs.attempt where id = :id")
                .bind("id", attemptId)
                .map(row -> Optional.ofNullable(row.get("execution", String.class))
                        .map(text -> json.readValue(text, Execution.class)))
                .one()
                .defaultIfEmpty(Optional.empty());
    }

    private void count(AttemptReport report, String outcome) {
        meters.counter(MetricNames.REPORT, "type", report.getClass().getSimpleName(), "outcome", outcome)
                .increment();
    }
}
