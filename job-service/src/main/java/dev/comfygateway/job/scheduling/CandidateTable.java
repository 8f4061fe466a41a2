package dev.comfygateway.job.scheduling;

import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** The first jobs of lanes, in Postgres. */
@Component
class CandidateTable {

    /** Jobs of a lane looked at together: enough to find warm models, few enough to read in a millisecond. */
    static final int PER_LANE = 8;

    /**
     * The arrays stand in sub-selects so that PostgreSQL does not plan for their lengths: it would plan each time anew,
     * which costs more than to run the statement.
     */
    private static final String CANDIDATES = """
            select c.* from unnest((select :tenants::text[]), (select :ranks::smallint[])) as lane (tenant, queue_rank)
            cross join lateral (
                select id, tenant, submitted_by, queue_rank, submission, created_at, needs_id, models, passed_at
                from jobs.job
                where status = 'queued' and pool = :pool %s and queue_rank = lane.queue_rank
                    and not_before <= clock_timestamp()
                    and (due_at is null or due_at > clock_timestamp())
                    and (last_worker_id is distinct from :worker or not_before < clock_timestamp() - interval '15 s')
                    and (needs_id is null or needs_id <> all((select :needs::text[])::text[]))
                    and submitted_by <> all((select :keys::text[])::text[])
                    and tenant <> all((select :without::text[])::text[])
                    and id <> all((select :tried::text[])::text[])
                order by submission + 0 limit %d) c""";

    static final String OF_TENANTS = CANDIDATES.formatted("and tenant = lane.tenant", PER_LANE);
    static final String OF_RANKS = CANDIDATES.formatted("", PER_LANE);

    private final DatabaseClient database;

    CandidateTable(DatabaseClient database) {
        this.database = database;
    }

    /**
     * What is left out.
     *
     * @param needs ids of needs that the worker does not meet
     * @param keys keys that may not run more at once
     * @param tenants tenants that are paused
     * @param worker who is not given what it failed at just before, or an empty text
     * @param ids jobs that somebody else was looking at
     */
    record Without(
            Collection<String> needs,
            Collection<String> keys,
            Collection<String> tenants,
            String worker,
            Collection<String> ids) {}

    /** The first due jobs of each of the lanes; lanes without regard to their tenant when {@code byTenant} is false. */
    Mono<List<Candidate>> first(String pool, Collection<Lane> lanes, boolean byTenant, Without without) {
        Lane[] looked = (byTenant ? lanes.stream() : lanes.stream().filter(distinctRank())).toArray(Lane[]::new);
        String[] tenants = new String[looked.length];
        Short[] ranks = new Short[looked.length];
        for (int i = 0; i < looked.length; i++) {
            tenants[i] = looked[i].tenant();
            ranks[i] = (short) looked[i].rank();
        }
        return database.sql(byTenant ? OF_TENANTS : OF_RANKS)
                .bind("tenants", tenants)
                .bind("ranks", ranks)
                .bind("pool", pool)
                .bind("needs", without.needs().toArray(String[]::new))
                .bind("keys", without.keys().toArray(String[]::new))
                .bind("without", without.tenants().toArray(String[]::new))
                .bind("worker", without.worker())
                .bind("tried", without.ids().toArray(String[]::new))
                .map(CandidateTable::candidate)
                .all()
                .collectList();
    }

    private static Predicate<Lane> distinctRank() {
        Set<Integer> seen = new HashSet<>();
        return lane -> seen.add(lane.rank());
    }

    /** By place and not by name: the names would be looked for in each of the rows. */
    private static Candidate candidate(Readable row) {
        String[] models = row.get(7, String[].class);
        return new Candidate(
                Objects.requireNonNull(row.get(0, String.class)),
                Objects.requireNonNull(row.get(1, String.class)),
                Objects.requireNonNull(row.get(2, String.class)),
                Objects.requireNonNull(row.get(3, Integer.class)),
                Objects.requireNonNull(row.get(4, Long.class)),
                Objects.requireNonNull(row.get(5, Instant.class)),
                row.get(6, String.class),
                models == null ? List.of() : List.of(models),
                row.get(8, Instant.class));
    }
}
