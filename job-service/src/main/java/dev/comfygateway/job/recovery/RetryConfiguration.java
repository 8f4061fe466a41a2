package dev.comfygateway.job.recovery;

import dev.comfygateway.job.lifecycle.RetryRules;
import dev.comfygateway.job.submission.SubmissionProperties;
import dev.comfygateway.settings.InvalidSettingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The rules of further attempts, from the settings. */
@Configuration(proxyBeanMethods = false)
class RetryConfiguration {

    @Bean
    RetryRules retryRules(RetryProperties retry, SubmissionProperties submission) {
        return new RetryRules(
                retry.maxAttempts(),
                retry.maxLostWorkers(),
                retry.backOff(),
                retry.jitter(),
                () -> ThreadLocalRandom.current().nextDouble(),
                largerPools(retry.largerPools(), submission.pools()));
    }

    static Map<String, String> largerPools(List<String> settings, List<String> pools) {
        Map<String, String> larger = new LinkedHashMap<>();
        for (String setting : settings) {
            String[] both = setting.strip().split(":", -1);
            if (both.length != 2 || !pools.contains(both[0]) || !pools.contains(both[1]) || both[0].equals(both[1])) {
                throw new InvalidSettingException(
                        "JOB_LARGER_POOLS",
                        "must name pairs of existing pools, such as default:big; the pools are " + pools);
            }
            larger.put(both[0], both[1]);
        }
        return larger;
    }
}
