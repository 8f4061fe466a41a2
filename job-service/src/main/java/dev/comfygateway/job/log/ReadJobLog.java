package dev.comfygateway.job.log;

import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.log.JobLogWriter.AttemptRow;
import dev.comfygateway.job.report.Execution;
import dev.comfygateway.job.report.ProgressBook;
import dev.comfygateway.job.workflow.GraphJson;
import dev.comfygateway.kafka.EventCatalog;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Tells what happened to a job. Fails when the database is away. */
@Component
public class ReadJobLog {

    private final DatabaseClient database;
    private final ProgressBook progress;
    private final JsonMapper json;

    private record JobRow(String tenant, JobStatus status) {}

    ReadJobLog(DatabaseClient database, ProgressBook progress, JsonMapper json) {
        this.database = database;
        this.progress = progress;
        this.json = json;
    }

    /** Empty when the caller sees no such job. */
    public Mono<JobLog> handle(String id, Caller caller) {
        return database.sql("select tenant, status from jobs.job where id = :id")
                .bind("id", id)
                .map(row -> new JobRow(Columns.text(row, "tenant"), JobStatus.parse(Columns.text(row, "status"))))
                .one()
                .filter(job -> caller.maySee(job.tenant()))
                .flatMap(job -> Mono.zip(attempts(id), events(id))
                        .flatMap(found -> redaction(id, found.getT2())
                                .map(redaction -> new JobLogWriter(redaction)
                                        .write(id, job.status(), found.getT1(), found.getT2()))));
    }

    private Mono<List<AttemptRow>> attempts(String jobId) {
        return database.sql("""
                        select a.id, a.number, a.worker_id, a.granted_at, a.ended_at, a.end_reason, a.execution,
                            a.decision
                        from jobs.attempt a where a.job_id = :id order by a.number
                        """)
                .bind("id", jobId)
                .map(row -> {
                    String attemptId = Columns.text(row, "id");
                    String stored = row.get("execution", String.class);
                    String decision = row.get("decision", String.class);
                    return new AttemptRow(
                            Columns.number(row, "number"),
                            Columns.text(row, "worker_id"),
                            Columns.time(row, "granted_at"),
                            row.get("ended_at", Instant.class),
                            row.get("end_reason", String.class),
                            progress.newest(attemptId, stored == null ? null : json.readValue(stored, Execution.class)),
                            decision == null ? null : json.readTree(decision));
                })
                .all()
                .collectList();
    }

    private Mono<List<JobEvent>> events(String jobId) {
        return database.sql("select type, data from jobs.job_event where job_id = :id order by seq")
                .bind("id", jobId)
                .map(row -> EventCatalog.dataClass(EventType.parse(Columns.text(row, "type")))
                        .map(type -> json.readValue(Columns.text(row, "data"), type)))
                .all()
                .concatMap(event -> event.filter(JobEvent.class::isInstance)
                        .map(data -> Flux.just((JobEvent) data))
                        .orElseGet(Flux::empty))
                .collectList();
    }

    /** The graph may be large, and is looked at only when there is a message in which something of it could be. */
    private Mono<Redaction> redaction(String jobId, List<JobEvent> events) {
        if (events.stream().allMatch(event -> JobLogWriter.failure(event) == null)) {
            return Mono.just(new Redaction(null));
        }
        return database.sql("select graph from jobs.job where id = :id")
                .bind("id", jobId)
                .map(row -> Optional.ofNullable(row.get("graph", String.class)))
                .one()
                .map(graph -> new Redaction(graph.map(GraphJson::read).orElse(null)));
    }
}
