package dev.comfygateway.job.submission;

import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.lifecycle.AttemptHold;
import dev.comfygateway.job.lifecycle.Job;
import dev.comfygateway.job.lifecycle.JobState;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.lifecycle.persistence.JobTable;
import dev.comfygateway.job.report.AttemptProgress;
import dev.comfygateway.job.report.ProgressBook;
import dev.comfygateway.job.storage.StorageClient;
import dev.comfygateway.job.submission.JobView.AttemptView;
import dev.comfygateway.job.submission.JobView.LimitsView;
import dev.comfygateway.job.submission.JobView.OutputView;
import dev.comfygateway.job.submission.JobView.ProgressView;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.r2dbc.core.DatabaseClient.GenericExecuteSpec;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Answers questions about jobs. */
@Component
public class ReadJobs {

    private static final Logger log = LoggerFactory.getLogger(ReadJobs.class);
    private static final String QUALIFIED = "j." + JobTable.COLUMNS.replace(", ", ", j.");

    private final DatabaseClient database;
    private final JobTable table;
    private final ProgressBook progress;
    private final StorageClient storage;
    private final QueuePlaces places;
    private final JsonMapper json;

    ReadJobs(
            DatabaseClient database,
            JobTable table,
            ProgressBook progress,
            StorageClient storage,
            JsonMapper json,
            QueuePlaces places) {
        this.database = database;
        this.table = table;
        this.progress = progress;
        this.storage = storage;
        this.json = json;
        this.places = places;
    }

    /** A page of jobs, newest first. */
    public record Page(
            List<JobView> jobs, long count, @Nullable String nextCursor) {}

    /** The numbered events of a job. */
    public record Events(List<Numbered> events, boolean terminal) {}

    /** One of them, as it was published. */
    public record Numbered(String type, JsonNode data) {}

    private record Row(
            Job job,
            long submission,
            @Nullable String phase,
            @Nullable Instant grantedAt,
            @Nullable String progress,
            @Nullable String requeuedFrom,
            @Nullable String requeuedAs,
            QueuePlaces.@Nullable Waiting waiting) {}

    /** Empty when the caller sees no such job. */
    public Mono<JobView> one(String id, Caller caller) {
        return database.sql("select " + QUALIFIED + """
                        , %s, a.phase, a.granted_at, a.progress, j.requeued_from, j.requeued_as
                        from jobs.job j left join jobs.attempt a on a.id = j.attempt_id where j.id = :id
                        """.formatted(QueuePlaces.COLUMNS))
                .bind("id", id)
                .map(row -> row(row, QueuePlaces.Waiting.read(row, table.read(row))))
                .one()
                .filter(row -> caller.maySee(row.job().tenant()))
                .flatMap(this::view);
    }

    public Mono<Page> page(
            Caller caller, List<JobStatus> statuses, @Nullable String workflowId, int limit, @Nullable Long before) {
        boolean all = caller.role() == Role.ADMIN || caller.role() == Role.SERVICE;
        String where = " where true"
                + (all ? "" : " and j.tenant = :tenant")
                + (statuses.isEmpty() ? "" : " and j.status = any(:statuses)")
                + (workflowId == null ? "" : " and j.workflow_id = :workflowId");
        GenericExecuteSpec counting = database.sql("select count(*) from jobs.job j" + where);
        GenericExecuteSpec reading = database.sql("select " + QUALIFIED
                        + ", j.submission, a.phase, a.granted_at, a.progress, j.requeued_from, j.requeued_as"
                        + " from jobs.job j left join jobs.attempt a on a.id = j.attempt_id" + where
                        + (before == null ? "" : " and j.submission < :before")
                        + " order by j.submission desc limit :limit")
                .bind("limit", limit + 1);
        if (before != null) {
            reading = reading.bind("before", before);
        }
        if (!all) {
            counting = counting.bind("tenant", caller.tenant());
            reading = reading.bind("tenant", caller.tenant());
        }
        if (!statuses.isEmpty()) {
            String[] names = statuses.stream().map(JobStatus::toString).toArray(String[]::new);
            counting = counting.bind("statuses", names);
            reading = reading.bind("statuses", names);
        }
        if (workflowId != null) {
            counting = counting.bind("workflowId", workflowId);
            reading = reading.bind("workflowId", workflowId);
        }
        Mono<Long> count = counting.map(row -> Objects.requireNonNull(row.get(0, Long.class)))
                .one();
        Mono<List<Row>> rows = reading.map(row -> row(row, null)).all().collectList();
        return Mono.zip(rows, count).flatMap(both -> {
            List<Row> found = both.getT1();
            List<Row> shown = found.size() > limit ? found.subList(0, limit) : found;
            String next = found.size() > limit ? Long.toString(shown.getLast().submission()) : null;
            return Flux.fromIterable(shown)
                    .flatMapSequential(this::view, 8)
                    .collectList()
                    .map(views -> new Page(views, both.getT2(), next));
        });
    }

    /** Empty when the caller sees no such job. */
    public Mono<Events> events(String id, long after, Caller caller) {
        return database.sql("select tenant, status from jobs.job where id = :id")
                .bind("id", id)
                .map(row -> List.of(Columns.text(row, "tenant"), Columns.text(row, "status")))
                .one()
                .filter(row -> caller.maySee(row.getFirst()))
                .flatMap(row -> database.sql(
                                "select type, data from jobs.job_event where job_id = :id and seq > :after order by seq")
                        .bind("id", id)
                        .bind("after", after)
                        .map(event ->
                                new Numbered(Columns.text(event, "type"), json.readTree(Columns.text(event, "data"))))
                        .all()
                        .collectList()
                        // The state was read before the events: a terminal state implies that its event is among them.
                        .map(events -> new Events(
                                events, JobStatus.parse(row.getLast()).isTerminal())));
    }

    private Row row(Readable row, QueuePlaces.@Nullable Waiting waiting) {
        return new Row(
                table.read(row),
                Columns.large(row, "submission"),
                row.get("phase", String.class),
                row.get("granted_at", Instant.class),
                row.get("progress", String.class),
                row.get("requeued_from", String.class),
                row.get("requeued_as", String.class),
                waiting);
    }

    private Mono<JobView> view(Row row) {
        List<JobOutput> outputs =
                row.job().state() instanceof JobState.Succeeded success ? success.outputs() : List.of();
        Mono<Map<String, String>> links = storage.links(
                row.job().tenant(), outputs.stream().map(JobOutput::assetId).toList());
        return Mono.zip(links, place(row)).map(both -> view(row, outputs, both.getT1(), both.getT2()));
    }

    private Mono<Optional<QueueView>> place(Row row) {
        return row.waiting() == null
                ? Mono.just(Optional.empty())
                : places.of(row.job(), row.waiting()).map(Optional::of).onErrorResume(error -> {
                    // The job itself is known, and an accepted one must not be answered with an error.
                    log.warn("A place in line is not known: {}", String.valueOf(error.getMessage()));
                    return Mono.just(Optional.empty());
                });
    }

    private JobView view(Row row, List<JobOutput> outputs, Map<String, String> links, Optional<QueueView> queue) {
        Job job = row.job();
        String path = "/v1/jobs/" + job.id();
        AttemptHold hold = job.state().hold();
        AttemptProgress stored = row.progress() == null ? null : json.readValue(row.progress(), AttemptProgress.class);
        AttemptProgress newest = hold == null ? null : progress.newest(hold.attemptId(), stored);
        Failure failure = switch (job.state()) {
            case JobState.Failed failed -> failed.failure();
            case JobState.Expired expired -> expired.failure();
            case JobState.Queued _,
                    JobState.Running _,
                    JobState.Canceling _,
                    JobState.Succeeded _,
                    JobState.Canceled _ -> null;
        };
        Instant completed = job.state() instanceof JobState.Ended ended ? ended.at() : null;
        Long time = job.state() instanceof JobState.Succeeded success ? success.executionTimeMs() : null;
        return new JobView(
                job.id(),
                job.state().status(),
                job.workflowId(),
                job.pool(),
                job.priority(),
                queue.orElse(null),
                queue.map(QueueView::doneSeconds)
                        .map(done -> Math.round(done.p50()))
                        .orElse(null),
                attempt(row, hold, newest),
                progressView(job, newest),
                outputs.stream().map(output -> output(output, links)).toList(),
                failure,
                new JobTiming(job.createdAt(), job.startedAt(), completed, time),
                job.limits().deadline(),
                LimitsView.of(job.limits()),
                row.requeuedFrom(),
                row.requeuedAs(),
                job.attempts(),
                job.metadata(),
                job.callbackUrl(),
                path,
                path + "/events",
                path + "/cancel");
    }

    private static @Nullable AttemptView attempt(
            Row row, @Nullable AttemptHold hold, @Nullable AttemptProgress newest) {
        if (hold == null || row.phase() == null || row.grantedAt() == null) {
            return null;
        }
        String phase = newest == null ? row.phase() : newest.phase();
        return new AttemptView(hold.number(), hold.attemptId(), hold.workerId(), phase, row.grantedAt());
    }

    private static ProgressView progressView(Job job, @Nullable AttemptProgress newest) {
        if (job.state() instanceof JobState.Succeeded) {
            return new ProgressView(100, null, null, null, null);
        }
        if (newest == null) {
            return new ProgressView(0, null, null, null, null);
        }
        double percent = Math.round(newest.fraction() * 1000) / 10.0;
        return new ProgressView(
                percent, newest.nodesDone(), newest.nodesTotal(), newest.currentNode(), newest.currentClass());
    }

    private static OutputView output(JobOutput output, Map<String, String> links) {
        return new OutputView(
                output.index(),
                output.assetId(),
                output.filename(),
                output.contentType(),
                output.kind(),
                output.size(),
                output.sha256(),
                output.nodeId(),
                output.temporary(),
                output.reused(),
                links.get(output.assetId()),
                "/v1/assets/" + output.assetId() + "/content");
    }
}
