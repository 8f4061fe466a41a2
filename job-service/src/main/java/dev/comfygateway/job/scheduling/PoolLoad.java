package dev.comfygateway.job.scheduling;

import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a pool is doing for whom.
 *
 * @param now when that was, by the database's clock
 * @param tenants what each has used lately and uses now; tenants without either are missing
 * @param runningByKey attempts that run now, in all pools, by the key that sent them
 * @param running attempts that run now in the pool
 * @param paused whether the pool grants nothing
 * @param pausedTenants tenants whose jobs wait until an operator lets them go on
 * @param drainedWorkers workers of any pool that an operator gives nothing new
 */
public record PoolLoad(
        Instant now,
        Map<String, TenantLoad> tenants,
        Map<String, Integer> runningByKey,
        int running,
        boolean paused,
        Set<String> pausedTenants,
        Set<String> drainedWorkers) {

    public PoolLoad {
        tenants = Map.copyOf(tenants);
        runningByKey = Map.copyOf(runningByKey);
        pausedTenants = Set.copyOf(pausedTenants);
        drainedWorkers = Set.copyOf(drainedWorkers);
    }

    /**
     * One tenant's load.
     *
     * @param usedSeconds GPU time used, the older the less
     * @param runningSeconds estimates of what runs now
     * @param grantedAt newest grant where tenants take turns, else null
     */
    public record TenantLoad(
            double usedSeconds,
            double runningSeconds,
            @Nullable Instant grantedAt) {
        static final TenantLoad NONE = new TenantLoad(0, 0, null);

        double seconds() {
            return usedSeconds + runningSeconds;
        }
    }

    /** The sum of the estimates of what runs now. */
    public double runningSeconds() {
        return tenants.values().stream().mapToDouble(TenantLoad::runningSeconds).sum();
    }

    TenantLoad of(String tenant) {
        return tenants.getOrDefault(tenant, TenantLoad.NONE);
    }
}
