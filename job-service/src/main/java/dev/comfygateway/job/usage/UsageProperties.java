package dev.comfygateway.job.usage;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is remembered of GPU time.
 *
 * @param halfLife after this time, what a tenant used counts half in its fair share
 * @param firstEstimate how long a prompt is taken to run while nothing like it has run
 */
@ConfigurationProperties("comfy.job.usage")
public record UsageProperties(
        @DefaultValue("10m") Duration halfLife,
        @DefaultValue("10s") Duration firstEstimate) {

    /** Half-lives after which nothing is left; PostgreSQL refuses powers that come too near to zero. */
    private static final int FORGOTTEN = 50;

    public UsageProperties {
        if (halfLife.isNegative() || halfLife.isZero() || firstEstimate.isNegative() || firstEstimate.isZero()) {
            throw new IllegalArgumentException("A half-life and a first estimate are longer than nothing");
        }
    }

    /** Age in seconds after which use counts no more. */
    public double forgottenAfterSeconds() {
        return FORGOTTEN * halfLifeSeconds();
    }

    /** In seconds. */
    public double halfLifeSeconds() {
        return halfLife.toMillis() / 1000.0;
    }
}
