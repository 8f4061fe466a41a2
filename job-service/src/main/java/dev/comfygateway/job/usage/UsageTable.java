package dev.comfygateway.job.usage;

import dev.comfygateway.job.transaction.WriteSet;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Writes what an attempt has cost, in the transaction that ends it. */
@Component
public class UsageTable {

    /** New runs count at least this much, so that an estimate follows a change of hardware or models within days. */
    private static final double LEAST_WEIGHT = 0.05;

    /** Below this, a run says nothing but that it was quick. */
    private static final double LEAST_SECONDS = 0.01;

    private final UsageProperties settings;

    UsageTable(UsageProperties settings) {
        this.settings = settings;
    }

    /** Charges a tenant with GPU time. */
    public void charge(WriteSet writes, String pool, String tenant, double seconds, Instant now) {
        writes.add("""
                        insert into jobs.tenant_usage as usage (pool, tenant, gpu_seconds, at)
                        values (:chargedPool, :chargedTenant, :charge, :chargedAt)
                        on conflict (pool, tenant) do update set
                            gpu_seconds = excluded.gpu_seconds + usage.gpu_seconds
                                * power(0.5, least(:oldest, greatest(0, extract(epoch from excluded.at - usage.at))) / :halfLife),
                            at = greatest(usage.at, excluded.at)
                        """)
                .bind("chargedPool", pool)
                .bind("chargedTenant", tenant)
                .bind("charge", Math.max(0, seconds))
                .bind("chargedAt", now)
                .bind("halfLife", settings.halfLifeSeconds())
                .bind("oldest", settings.forgottenAfterSeconds());
    }

    /** Learns from a run how long prompts like it take, with as much work and with any: weighted mean and variance of the logarithm. */
    public void learn(WriteSet writes, String jobId, double seconds) {
        writes.add("""
                        insert into jobs.run_time as known (pool, shape, runs, log_mean, log_variance)
                        select pool, part, 1, :logSeconds, 0 from jobs.job
                        cross join lateral (values (shape), (split_part(shape, ':', 1))) as filed (part)
                        where id = :ranJob and shape <> ''
                        on conflict (pool, shape) do update set
                            runs = known.runs + 1,
                            log_mean = known.log_mean
                                + greatest(1.0 / (known.runs + 1), :leastWeight) * (excluded.log_mean - known.log_mean),
                            log_variance = (1 - greatest(1.0 / (known.runs + 1), :leastWeight))
                                * (known.log_variance + greatest(1.0 / (known.runs + 1), :leastWeight)
                                    * (excluded.log_mean - known.log_mean) ^ 2)
                        """)
                .bind("ranJob", jobId)
                .bind("logSeconds", Math.log(Math.max(LEAST_SECONDS, seconds)))
                .bind("leastWeight", LEAST_WEIGHT);
    }
}
