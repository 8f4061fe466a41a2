package dev.comfygateway.job.quota;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How much a key may have; 0 means no limit.
 *
 * @param parallel jobs that run at the same time; more of them wait
 * @param queued jobs that wait; more are refused
 * @param perDay jobs submitted on one day (UTC); more are refused
 * @param keys the same for single keys, by their ids; what is not given there is as for all
 */
@ConfigurationProperties("comfy.job.quota")
public record QuotaProperties(
        @DefaultValue("0") int parallel,
        @DefaultValue("0") int queued,
        @DefaultValue("0") int perDay,
        @DefaultValue Map<String, KeyQuota> keys) {

    public QuotaProperties {
        keys = Map.copyOf(keys);
    }

    /** The quota of one key. */
    public record KeyQuota(
            @Nullable Integer parallel,
            @Nullable Integer queued,
            @Nullable Integer perDay) {
        static final KeyQuota NONE = new KeyQuota(null, null, null);
    }

    boolean limitParallel() {
        return parallel > 0 || keys.values().stream().anyMatch(own -> own.parallel() != null && own.parallel() > 0);
    }

    int parallelOf(String key) {
        return or(keys.getOrDefault(key, KeyQuota.NONE).parallel(), parallel);
    }

    int queuedOf(String key) {
        return or(keys.getOrDefault(key, KeyQuota.NONE).queued(), queued);
    }

    int perDayOf(String key) {
        return or(keys.getOrDefault(key, KeyQuota.NONE).perDay(), perDay);
    }

    private static int or(@Nullable Integer own, int general) {
        return own == null ? general : own;
    }
}
