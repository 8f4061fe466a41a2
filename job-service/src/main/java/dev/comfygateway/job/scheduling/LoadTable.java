package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.scheduling.PoolLoad.TenantLoad;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.job.usage.UsageProperties;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** What runs, what was used and what is paused, in Postgres. */
@Component
public class LoadTable {

    static final String LOAD = """
            select 'running' as kind, pool, tenant as name, submitted_by as key, count(*)::integer as n,
                sum(estimate)::double precision as seconds, null::timestamptz as at
            from jobs.job where status in ('running', 'canceling') group by pool, tenant, submitted_by
            union all
            select 'used', pool, tenant, '', 0,
                gpu_seconds * power(0.5, least(:oldest, greatest(0, extract(epoch from clock_timestamp() - at))) / :halfLife),
                granted_at
            from jobs.tenant_usage where pool = :pool
                and greatest(at, granted_at) > clock_timestamp() - make_interval(secs => :oldest)
            union all
            select kind, '', name, '', 0, 0::double precision, null from jobs.pause
            union all
            select 'now', '', '', '', 0, 0::double precision, clock_timestamp()""";

    private static final Duration KEPT = Duration.ofSeconds(1);

    private final DatabaseClient database;
    private final Map<String, Mono<PoolLoad>> shown = new ConcurrentHashMap<>();
    private final UsageProperties settings;

    LoadTable(DatabaseClient database, UsageProperties settings) {
        this.database = database;
        this.settings = settings;
    }

    private record Row(
            String kind,
            String pool,
            String name,
            String key,
            int n,
            double seconds,
            @Nullable Instant at) {
        /** By place and not by name: the names would be looked for in each of the rows. */
        static Row of(Readable row) {
            return new Row(
                    Objects.requireNonNull(row.get(0, String.class)),
                    Objects.requireNonNull(row.get(1, String.class)),
                    Objects.requireNonNull(row.get(2, String.class)),
                    Objects.requireNonNull(row.get(3, String.class)),
                    Objects.requireNonNull(row.get(4, Integer.class)),
                    Objects.requireNonNull(row.get(5, Double.class)),
                    row.get(6, Instant.class));
        }
    }

    /** The load of a pool as it was a second ago at most; for what is only shown. */
    public Mono<PoolLoad> recent(String pool) {
        return shown.computeIfAbsent(
                pool, name -> Mono.defer(() -> of(name)).cache(load -> KEPT, error -> Duration.ZERO, () -> KEPT));
    }

    /** The load of a pool now. */
    public Mono<PoolLoad> of(String pool) {
        return database.sql(LOAD)
                .bind("pool", pool)
                .bind("halfLife", settings.halfLifeSeconds())
                .bind("oldest", settings.forgottenAfterSeconds())
                .map(Row::of)
                .all()
                .collectList()
                .map(rows -> load(pool, rows));
    }

    private static PoolLoad load(String pool, List<Row> rows) {
        Map<String, TenantLoad> tenants = new HashMap<>();
        Map<String, Integer> keys = new HashMap<>();
        Set<String> pausedTenants = new HashSet<>();
        boolean paused = false;
        int running = 0;
        Instant now = Instant.MIN;
        for (Row row : rows) {
            switch (row.kind()) {
                case "running" -> {
                    keys.merge(row.key(), row.n(), Integer::sum);
                    if (row.pool().equals(pool)) {
                        running += row.n();
                        tenants.merge(row.name(), new TenantLoad(0, row.seconds(), null), LoadTable::sum);
                    }
                }
                case "used" -> tenants.merge(row.name(), new TenantLoad(row.seconds(), 0, row.at()), LoadTable::sum);
                case "now" -> now = row.at() == null ? now : row.at();
                case Pauses.TENANT -> pausedTenants.add(row.name());
                default -> paused |= row.name().equals(pool);
            }
        }
        return new PoolLoad(now, tenants, keys, running, paused, pausedTenants);
    }

    private static TenantLoad sum(TenantLoad one, TenantLoad other) {
        return new TenantLoad(
                one.usedSeconds() + other.usedSeconds(),
                one.runningSeconds() + other.runningSeconds(),
                one.grantedAt() == null ? other.grantedAt() : one.grantedAt());
    }

    /** Notes that it was the tenant's turn; made in the transaction of the grant. */
    void turn(WriteSet writes, String pool, String tenant, Instant now) {
        writes.add("""
                        insert into jobs.tenant_usage as usage (pool, tenant, gpu_seconds, at, granted_at)
                        values (:turnPool, :turnTenant, 0, :turnAt, :turnAt)
                        on conflict (pool, tenant) do update set granted_at = excluded.granted_at
                        """).bind("turnPool", pool).bind("turnTenant", tenant).bind("turnAt", now);
    }
}
