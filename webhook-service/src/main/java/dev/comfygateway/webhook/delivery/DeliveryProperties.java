package dev.comfygateway.webhook.delivery;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How deliveries are tried.
 *
 * @param timeout of one try, from name resolution to the answer
 * @param retryDelays wait before each further try; as many retries as there are delays
 * @param jitter part of a delay, 0 to 1, that is added or taken away at random
 * @param poll how often due deliveries are looked for; new ones are sent at once anyway
 * @param concurrency tries of this process at the same time
 * @param lease how long a try is protected from other replicas; must be longer than the timeout
 */
@Validated
@ConfigurationProperties("comfy.webhook.delivery")
public record DeliveryProperties(
        @DefaultValue("10s") Duration timeout,
        @DefaultValue({"2s", "8s", "32s"}) List<Duration> retryDelays,
        @DefaultValue("0.2") @Min(0) @Max(1) double jitter,
        @DefaultValue("1s") Duration poll,
        @DefaultValue("32") @Min(1) int concurrency,
        @DefaultValue("30s") Duration lease) {

    public DeliveryProperties {
        retryDelays = List.copyOf(retryDelays);
        if (lease.compareTo(timeout) <= 0) {
            throw new IllegalArgumentException("comfy.webhook.delivery.lease must be longer than the timeout");
        }
    }

    /** How often a delivery is tried before it is given up. */
    int maxAttempts() {
        return retryDelays.size() + 1;
    }

    /**
     * The wait after a failed try.
     *
     * @param attempt number of the try that failed, from 1, less than {@link #maxAttempts()}
     * @param random from 0 to 1
     */
    Duration delayAfter(int attempt, double random) {
        Duration base = retryDelays.get(attempt - 1);
        return Duration.ofMillis(Math.round(base.toMillis() * (1 + jitter * (2 * random - 1))));
    }
}
