package dev.comfygateway.job.deadletter;

import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.job.deadletter.DeadLetter.PastAttempt;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;
import tools.jackson.databind.json.JsonMapper;

/** Answers questions about dead letters. */
@Component
public class ReadDeadLetters {

    private static final String SELECT = """
            select d.entry, j.id, j.tenant, j.pool, j.workflow_id, j.failure, j.completed_at, j.attempts, j.requeued_as
            from jobs.dead_letter d join jobs.job j on j.id = d.job_id
            """;

    private final DatabaseClient database;
    private final JsonMapper json;

    ReadDeadLetters(DatabaseClient database, JsonMapper json) {
        this.database = database;
        this.json = json;
    }

    /** A page, newest first. */
    public record Page(
            List<DeadLetter> deadLetters,
            long count,
            @Nullable String nextCursor) {}

    private record Row(DeadLetter letter, long entry) {}

    /**
     * @param limit most entries
     * @param before the cursor of the page before, or null for the first page
     */
    public Mono<Page> page(int limit, @Nullable Long before) {
        Mono<Long> count = database.sql("select count(*) from jobs.dead_letter")
                .map(row -> Objects.requireNonNull(row.get(0, Long.class)))
                .one();
        Mono<List<Row>> rows = database.sql(SELECT + "where d.entry < :before order by d.entry desc limit :limit")
                .bind("before", before == null ? Long.MAX_VALUE : before)
                .bind("limit", limit + 1)
                .map(this::row)
                .all()
                .collectList();
        return Mono.zip(rows, count).map(both -> {
            List<Row> found = both.getT1();
            List<Row> shown = found.size() > limit ? found.subList(0, limit) : found;
            return new Page(
                    shown.stream().map(Row::letter).toList(),
                    both.getT2(),
                    found.size() > limit ? Long.toString(shown.getLast().entry()) : null);
        });
    }

    /** A dead letter with its attempts; empty when there is none. */
    public Mono<DeadLetter> one(String jobId) {
        return database.sql(SELECT + "where d.job_id = :id")
                .bind("id", jobId)
                .map(this::row)
                .one()
                .flatMap(row -> attempts(jobId).map(row.letter()::with));
    }

    private Mono<List<PastAttempt>> attempts(String jobId) {
        return database.sql("""
                        select number, id, worker_id, phase, granted_at, ended_at, end_reason
                        from jobs.attempt where job_id = :id order by number
                        """)
                .bind("id", jobId)
                .map(row -> new PastAttempt(
                        Columns.number(row, "number"),
                        Columns.text(row, "id"),
                        Columns.text(row, "worker_id"),
                        Columns.text(row, "phase"),
                        Columns.time(row, "granted_at"),
                        row.get("ended_at", Instant.class),
                        row.get("end_reason", String.class)))
                .all()
                .collectList();
    }

    private Row row(Readable row) {
        return new Row(
                new DeadLetter(
                        Columns.text(row, "id"),
                        Columns.text(row, "tenant"),
                        Columns.text(row, "pool"),
                        row.get("workflow_id", String.class),
                        json.readValue(Columns.text(row, "failure"), Failure.class),
                        Columns.time(row, "completed_at"),
                        Columns.number(row, "attempts"),
                        null,
                        row.get("requeued_as", String.class)),
                Columns.large(row, "entry"));
    }
}
