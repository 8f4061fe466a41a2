package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.time.Instant;
import java.util.List;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Pools and tenants whose waiting jobs are not granted until an operator lets them go on. What runs, runs on. */
@Component
public class Pauses {

    static final String TENANT = "tenant";
    static final String POOL = "pool";

    private final DatabaseClient database;

    Pauses(DatabaseClient database) {
        this.database = database;
    }

    /** What may be paused. */
    public enum Kind {
        POOL(Pauses.POOL),
        TENANT(Pauses.TENANT);

        private final String stored;

        Kind(String stored) {
            this.stored = stored;
        }

        /** The wire form: lower case. */
        @Override
        public String toString() {
            return stored;
        }
    }

    /** One pause. */
    public record Pause(Kind kind, String name, String pausedBy, Instant at) {}

    /** From the next claim on; a second pause changes nothing. */
    public Mono<Void> pause(Kind kind, String name, String by) {
        return database.sql("""
                        insert into jobs.pause (kind, name, paused_by) values (:kind, :name, :by)
                        on conflict do nothing
                        """)
                .bind("kind", kind.stored)
                .bind("name", name)
                .bind("by", by)
                .then();
    }

    /** From the next claim on; nothing happens when there is no pause. */
    public Mono<Void> resume(Kind kind, String name) {
        return database.sql("delete from jobs.pause where kind = :kind and name = :name")
                .bind("kind", kind.stored)
                .bind("name", name)
                .then();
    }

    public Mono<List<Pause>> all() {
        return database.sql("select kind, name, paused_by, at from jobs.pause order by kind, name")
                .map(row -> new Pause(
                        Columns.text(row, "kind").equals(POOL) ? Kind.POOL : Kind.TENANT,
                        Columns.text(row, "name"),
                        Columns.text(row, "paused_by"),
                        Columns.time(row, "at")))
                .all()
                .collectList();
    }
}
