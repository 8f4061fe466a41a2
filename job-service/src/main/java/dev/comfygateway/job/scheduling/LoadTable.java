package dev.comfygateway.job.scheduling;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.job.scheduling.PoolLoad.TenantLoad;
import dev.comfygateway.job.transaction.WriteSet;
import dev.comfygateway.job.usage.UsageProperties;
import io.r2dbc.spi.Readable;
import java.lang.reflect.Array;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** What runs, what was used and what is paused or drained, in Postgres. */
@Component
public class LoadTable {

    /**
     * One row of arrays: a row for each tenant costs several times as much to take apart as to find.
     */
    static final String LOAD = """
            with running as (
                select pool, tenant, submitted_by, count(*)::integer as n, sum(estimate)::double precision as seconds
                from jobs.job where status in ('running', 'canceling') group by pool, tenant, submitted_by
            ), used as (
                select tenant, (extract(epoch from granted_at) * 1000000)::bigint as granted,
                    gpu_seconds
                        * power(0.5, least(:oldest, greatest(0, extract(epoch from clock_timestamp() - at))) / :halfLife)
                        as seconds
                from jobs.tenant_usage where pool = :pool
                    and greatest(at, granted_at) > clock_timestamp() - make_interval(secs => :oldest)
            )
            select clock_timestamp() as now, r.*, u.*,
                exists (select 1 from jobs.pause where kind = 'pool' and name = :pool) as paused,
                array(select name from jobs.pause where kind = 'tenant') as paused_tenants,
                array(select worker_id from jobs.worker_drain) as drained
            from (select array_agg(pool) as pools, array_agg(tenant) as tenants, array_agg(submitted_by) as keys,
                    array_agg(n) as numbers, array_agg(seconds) as running_seconds from running) r,
                (select array_agg(tenant) as users, array_agg(seconds) as used_seconds, array_agg(granted) as granted
                    from used) u""";

    private static final Duration KEPT = Duration.ofSeconds(1);

    private final DatabaseClient database;
    private final Map<String, Mono<PoolLoad>> shown = new ConcurrentHashMap<>();
    private final UsageProperties settings;

    LoadTable(DatabaseClient database, UsageProperties settings) {
        this.database = database;
        this.settings = settings;
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
                .map(row -> load(pool, row))
                .one();
    }

    private static PoolLoad load(String pool, Readable row) {
        Map<String, TenantLoad> tenants = new HashMap<>();
        Map<String, Integer> keys = new HashMap<>();
        int running = 0;
        String[] pools = array(row, "pools", String[].class);
        String[] names = array(row, "tenants", String[].class);
        String[] senders = array(row, "keys", String[].class);
        Integer[] numbers = array(row, "numbers", Integer[].class);
        Double[] runningSeconds = array(row, "running_seconds", Double[].class);
        for (int i = 0; i < pools.length; i++) {
            keys.merge(senders[i], numbers[i], Integer::sum);
            if (pools[i].equals(pool)) {
                running += numbers[i];
                tenants.merge(names[i], new TenantLoad(0, runningSeconds[i], null), LoadTable::sum);
            }
        }
        String[] users = array(row, "users", String[].class);
        Double[] usedSeconds = array(row, "used_seconds", Double[].class);
        @Nullable Long[] granted = array(row, "granted", Long[].class);
        for (int i = 0; i < users.length; i++) {
            tenants.merge(users[i], new TenantLoad(usedSeconds[i], 0, time(granted[i])), LoadTable::sum);
        }
        return new PoolLoad(
                Columns.time(row, "now"),
                tenants,
                keys,
                running,
                Boolean.TRUE.equals(row.get("paused", Boolean.class)),
                Set.of(array(row, "paused_tenants", String[].class)),
                Set.of(array(row, "drained", String[].class)));
    }

    /** An aggregate of no rows is null. */
    private static <T> T[] array(Readable row, String column, Class<T[]> type) {
        T[] values = row.get(column, type);
        return values == null ? type.cast(Array.newInstance(type.getComponentType(), 0)) : values;
    }

    private static @Nullable Instant time(@Nullable Long micros) {
        return micros == null ? null : Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    private static TenantLoad sum(TenantLoad one, TenantLoad other) {
        return new TenantLoad(
                one.usedSeconds() + other.usedSeconds(),
                one.runningSeconds() + other.runningSeconds(),
                one.grantedAt() == null ? other.grantedAt() : one.grantedAt());
    }

    /** Notes that it was the tenant's turn; made in the transaction of the grant. */
    void turn(WriteSet writes, String pool, String tenant, Instant now) {
        writes.insert(
                        "jobs.tenant_usage as usage (pool, tenant, gpu_seconds, at, granted_at)",
                        ":turnPool, :turnTenant, 0, :turnAt, :turnAt",
                        "on conflict (pool, tenant) do update set granted_at = excluded.granted_at")
                .bind("turnPool", pool)
                .bind("turnTenant", tenant)
                .bind("turnAt", now);
    }
}
