package dev.comfygateway.job.scheduling;

import java.time.Duration;
import java.util.Map;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How waiting jobs are chosen.
 *
 * @param policy {@code fair}, {@code round_robin}, {@code priority} or {@code fifo}
 * @param policies the same for single pools
 * @param ageing wait after which a job counts as one priority class higher; never as urgent
 * @param weights share of single tenants; 1 for those not named
 * @param affinityWait how long a job may be passed over by jobs whose models the worker has loaded
 * @param affinitySlack GPU time by which two tenants may differ and still count as equal, so that the one whose models
 *     are loaded can go first
 * @param vramMargin GPU memory that must stay free beside what a job needs; else models and caches are freed first
 * @param maxDepth most jobs that may wait in one pool; 0 for any number
 */
@ConfigurationProperties("comfy.job.scheduling")
public record SchedulingProperties(
        @DefaultValue("fair") SchedulingPolicy policy,
        @DefaultValue Map<String, SchedulingPolicy> policies,
        @DefaultValue("10m") Duration ageing,
        @DefaultValue Map<String, Double> weights,
        @DefaultValue("30s") Duration affinityWait,
        @DefaultValue("30s") Duration affinitySlack,
        @DefaultValue("2GB") DataSize vramMargin,
        @DefaultValue("0") int maxDepth) {

    public SchedulingProperties {
        policies = Map.copyOf(policies);
        weights = Map.copyOf(weights);
        if (weights.values().stream().anyMatch(weight -> !(weight > 0))) {
            throw new IllegalArgumentException("A tenant's weight must be above 0");
        }
    }

    /** The policy of a pool. */
    public SchedulingPolicy policyOf(String pool) {
        return policies.getOrDefault(pool, policy);
    }

    double weightOf(String tenant) {
        return weights.getOrDefault(tenant, 1.0);
    }
}
