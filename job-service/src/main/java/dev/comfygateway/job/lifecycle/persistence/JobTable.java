package dev.comfygateway.job.lifecycle.persistence;

import dev.comfygateway.contract.claim.Grant.InputAsset;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.job.lifecycle.AttemptHold;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobLimits;
import dev.comfygateway.job.lifecycle.JobState;
import dev.comfygateway.job.transaction.AdvisoryLock;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.job.workflow.GraphJson;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The rows of {@code jobs.job}. */
@Component
public class JobTable {

    /** Every column a {@link Job} is made of; the graph, which may be large, is not among them. */
    public static final String COLUMNS = """
            id, tenant, pool, priority, status, queue_rank, not_before, event_seq, workflow_id, metadata, \
            callback_url, traceparent, attempts, failures, lost_workers, attempt_id, worker_id, canceling_since, \
            outputs, failure, execution_time_ms, created_at, started_at, completed_at, waiting_seconds, start_seconds, \
            no_progress_seconds, total_seconds, deadline, enlarged""";

    private static final String CONTENT = "graph, inputs, allow_partial_outputs,"
            + " submitted_by, needs_id, models, vram_mb, estimate, deviation, experience, shape";
    private static final int FIRST_IN_LINE = 0;
    private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};
    private static final TypeReference<List<JobOutput>> OUTPUTS = new TypeReference<>() {};
    private static final TypeReference<List<InputAsset>> INPUTS = new TypeReference<>() {};

    private final DatabaseClient database;
    private final JsonMapper json;

    JobTable(DatabaseClient database, JsonMapper json) {
        this.database = database;
        this.json = json;
    }

    /** The database's clock. */
    public Mono<Instant> now() {
        return database.sql("select clock_timestamp()")
                .map(row -> Objects.requireNonNull(row.get(0, Instant.class)))
                .one();
    }

    /** Locks and reads a job; empty when there is none. */
    public Mono<JobReading> lock(String id) {
        return database.sql(
                        "select " + COLUMNS + ", clock_timestamp() as db_now from jobs.job where id = :id for update")
                .bind("id", id)
                .map(this::at)
                .one();
    }

    /** A job that waits, and what it runs. */
    public record QueuedJob(JobReading read, JobContent content) {}

    /** Reads a job if it waits; without a lock, so that it may be another's a moment later. */
    public Mono<QueuedJob> queued(String id) {
        return database.sql("select " + COLUMNS + ", " + CONTENT
                        + ", clock_timestamp() as db_now from jobs.job where id = :id and status = 'queued'")
                .bind("id", id)
                .map(row -> new QueuedJob(at(row), content(row)))
                .one();
    }

    /**
     * Writes that are made only if the job waits, is due, is as it was read, and nobody decides about it just now. Claims
     * with the same id follow one another, so that a repeated one sees what became of the first.
     */
    static WriteSet ifStillQueued(Job read, String claimId) {
        return WriteSet.onlyIf("select " + AdvisoryLock.CLAIM.take("claim") + """
                         from jobs.job
                        where id = :id and status = 'queued' and event_seq = :readSeq
                            and not_before <= clock_timestamp() and (due_at is null or due_at > clock_timestamp())
                        for update skip locked
                        """)
                .bind("id", read.id())
                .bind("readSeq", read.seq())
                .bind("claim", claimId);
    }

    /** Waits until no transaction grants anything under that claim id. */
    public Mono<Void> awaitClaim(String claimId) {
        return database.sql("select " + AdvisoryLock.CLAIM.take("claim"))
                .bind("claim", claimId)
                .then();
    }

    /** What a job runs. */
    public Mono<JobContent> content(String id) {
        return database.sql("select " + CONTENT + " from jobs.job where id = :id")
                .bind("id", id)
                .map(this::content)
                .one();
    }

    void insert(WriteSet writes, Job job, JobContent content, @Nullable String requeuedFrom) {
        writes.add("""
                        insert into jobs.job (id, tenant, pool, priority, status, queue_rank, queued_at, not_before,
                            event_seq, workflow_id, graph, inputs, metadata, callback_url, allow_partial_outputs,
                            traceparent, attempts, failures, lost_workers, created_at, waiting_seconds,
                            start_seconds, no_progress_seconds, total_seconds, deadline, due_at, requeued_from,
                            submitted_by, needs_id, models, vram_mb, estimate, deviation, experience, shape)
                        values (:id, :tenant, :pool, :priority, 'queued', :priority, :now, :now,
                            :seq, :workflowId, :graph, :inputs, :metadata, :callbackUrl, :partial,
                            :traceparent, 0, 0, 0, :now, :waiting,
                            :start, :noProgress, :total, :deadline, :dueAt, :requeuedFrom,
                            :submittedBy, :needsId, :models, :vramMb, :estimate, :deviation, :experience, :shape)
                        """)
                .bind("id", job.id())
                .bind("tenant", job.tenant())
                .bind("pool", job.pool())
                .bind("priority", (short) job.priority().rank())
                .bind("now", job.createdAt())
                .bind("seq", job.seq())
                .bind("workflowId", job.workflowId(), String.class)
                .bind("graph", GraphJson.write(content.graph()))
                .bind("inputs", json.writeValueAsString(content.inputs()))
                .bind("metadata", json.writeValueAsString(job.metadata()))
                .bind("callbackUrl", job.callbackUrl(), String.class)
                .bind("partial", content.allowPartialOutputs())
                .bind("traceparent", job.traceparent(), String.class)
                .bind("waiting", (int) job.limits().waiting().toSeconds())
                .bind("start", (int) job.limits().start().toSeconds())
                .bind("noProgress", (int) job.limits().noProgress().toSeconds())
                .bind("total", (int) job.limits().total().toSeconds())
                .bind("deadline", job.limits().deadline(), Instant.class)
                .bind("dueAt", job.dueAt(), Instant.class)
                .bind("requeuedFrom", requeuedFrom, String.class);
        insert(writes, content.demand());
    }

    private static void insert(WriteSet writes, Demand demand) {
        writes.bind("submittedBy", demand.submittedBy())
                .bind("needsId", demand.needsId(), String.class)
                .bind("models", demand.models().toArray(String[]::new))
                .bind("vramMb", demand.vramMb(), Integer.class)
                .bind("estimate", (float) demand.estimatedSeconds())
                .bind("deviation", (float) demand.deviation())
                .bind("experience", demand.experience())
                .bind("shape", demand.shape());
        if (demand.needsId() != null && demand.needs() != null) {
            writes.add("insert into jobs.needs (id, content) values (:needsId, :needs) on conflict do nothing")
                    .bind("needs", demand.needs());
        }
    }

    /** Its place among the classes: before all of them when a worker gave it back. */
    static int rank(Job job, JobState.Queued queued) {
        return queued.firstInLine() ? FIRST_IN_LINE : job.priority().rank();
    }

    void update(WriteSet writes, Job job, Instant now) {
        JobState state = job.state();
        AttemptHold hold = state.hold();
        Instant notBefore = state instanceof JobState.Queued(Instant from, boolean _) ? from : now;
        int rank = state instanceof JobState.Queued queued
                ? rank(job, queued)
                : job.priority().rank();
        JobState.@Nullable Succeeded success = state instanceof JobState.Succeeded ended ? ended : null;
        Failure failure = switch (state) {
            case JobState.Failed failed -> failed.failure();
            case JobState.Expired expired -> expired.failure();
            case JobState.Queued _,
                    JobState.Running _,
                    JobState.Canceling _,
                    JobState.Succeeded _,
                    JobState.Canceled _ -> null;
        };
        writes.add("""
                        update jobs.job set status = :status, queue_rank = :rank, not_before = :notBefore,
                            pool = :pool, priority = :priority, due_at = :dueAt, enlarged = :enlarged,
                            passed_at = case when status = 'queued' then passed_at end,
                            queued_at = case when :status = 'queued' and status <> 'queued' then :now
                                else queued_at end,
                            last_worker_id = case when :status = 'queued' and status <> 'queued' then worker_id
                                else last_worker_id end,
                            event_seq = :seq, attempts = :attempts, failures = :failures, lost_workers = :lost,
                            attempt_id = :attemptId, worker_id = :workerId, canceling_since = :cancelingSince,
                            outputs = :outputs, failure = :failure, execution_time_ms = :executionTime,
                            started_at = :startedAt, completed_at = :completedAt
                        where id = :id
                        """)
                .bind("id", job.id())
                .bind("now", now)
                .bind("status", state.status().toString())
                .bind("pool", job.pool())
                .bind("priority", (short) job.priority().rank())
                .bind("dueAt", job.dueAt(), Instant.class)
                .bind("enlarged", job.enlarged())
                .bind("rank", (short) rank)
                .bind("notBefore", notBefore)
                .bind("seq", job.seq())
                .bind("attempts", job.attempts())
                .bind("failures", job.failures())
                .bind("lost", job.lostWorkers())
                .bind("attemptId", hold == null ? null : hold.attemptId(), String.class)
                .bind("workerId", hold == null ? null : hold.workerId(), String.class)
                .bind(
                        "cancelingSince",
                        state instanceof JobState.Canceling(AttemptHold _, Instant since) ? since : null,
                        Instant.class)
                .bind("outputs", success == null ? null : json.writeValueAsString(success.outputs()), String.class)
                .bind("failure", failure == null ? null : json.writeValueAsString(failure), String.class)
                .bind("executionTime", success == null ? null : success.executionTimeMs(), Long.class)
                .bind("startedAt", job.startedAt(), Instant.class)
                .bind("completedAt", state instanceof JobState.Ended ended ? ended.at() : null, Instant.class);
    }

    /** A job from a row with {@link #COLUMNS}. */
    public Job read(Readable row) {
        return new Job(
                Columns.text(row, "id"),
                Columns.text(row, "tenant"),
                Columns.text(row, "pool"),
                Priority.ofRank(Columns.number(row, "priority")),
                row.get("workflow_id", String.class),
                json.readValue(Columns.text(row, "metadata"), OBJECT),
                row.get("callback_url", String.class),
                row.get("traceparent", String.class),
                new JobLimits(
                        seconds(row, "waiting_seconds"),
                        seconds(row, "start_seconds"),
                        seconds(row, "no_progress_seconds"),
                        seconds(row, "total_seconds"),
                        row.get("deadline", Instant.class)),
                Columns.time(row, "created_at"),
                row.get("started_at", Instant.class),
                Columns.large(row, "event_seq"),
                Columns.number(row, "attempts"),
                Columns.number(row, "failures"),
                Columns.number(row, "lost_workers"),
                Boolean.TRUE.equals(row.get("enlarged", Boolean.class)),
                state(row));
    }

    private static Duration seconds(Readable row, String column) {
        return Duration.ofSeconds(Columns.number(row, column));
    }

    private JobContent content(Readable row) {
        return new JobContent(
                GraphJson.read(Columns.text(row, "graph")),
                json.readValue(Columns.text(row, "inputs"), INPUTS),
                Boolean.TRUE.equals(row.get("allow_partial_outputs", Boolean.class)),
                demand(row));
    }

    private static Demand demand(Readable row) {
        String[] models = row.get("models", String[].class);
        Float estimate = row.get("estimate", Float.class);
        Float deviation = row.get("deviation", Float.class);
        return new Demand(
                Columns.text(row, "submitted_by"),
                row.get("needs_id", String.class),
                null,
                models == null ? List.of() : List.of(models),
                row.get("vram_mb", Integer.class),
                estimate == null ? 0 : estimate,
                deviation == null ? 0 : deviation,
                Columns.number(row, "experience"),
                Columns.text(row, "shape"));
    }

    private JobReading at(Readable row) {
        return new JobReading(read(row), Columns.time(row, "db_now"));
    }

    private JobState state(Readable row) {
        return switch (JobStatus.parse(Columns.text(row, "status"))) {
            case QUEUED ->
                new JobState.Queued(
                        Columns.time(row, "not_before"), Columns.number(row, "queue_rank") == FIRST_IN_LINE);
            case RUNNING -> new JobState.Running(hold(row));
            case CANCELING -> new JobState.Canceling(hold(row), Columns.time(row, "canceling_since"));
            case SUCCEEDED ->
                new JobState.Succeeded(
                        Columns.time(row, "completed_at"),
                        json.readValue(Columns.text(row, "outputs"), OUTPUTS),
                        row.get("execution_time_ms", Long.class));
            case FAILED -> new JobState.Failed(Columns.time(row, "completed_at"), failure(row));
            case CANCELED -> new JobState.Canceled(Columns.time(row, "completed_at"));
            case EXPIRED -> new JobState.Expired(Columns.time(row, "completed_at"), failure(row));
        };
    }

    private Failure failure(Readable row) {
        return json.readValue(Columns.text(row, "failure"), Failure.class);
    }

    private static AttemptHold hold(Readable row) {
        return new AttemptHold(
                Columns.text(row, "attempt_id"), Columns.number(row, "attempts"), Columns.text(row, "worker_id"));
    }
}
