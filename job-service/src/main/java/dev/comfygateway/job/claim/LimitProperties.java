package dev.comfygateway.job.claim;

import dev.comfygateway.contract.claim.Grant.Limits;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Time limits given to workers with each attempt.
 *
 * @param start from the submit to ComfyUI until it starts the prompt
 * @param noProgress without any message about the prompt
 * @param total from the grant to the end
 */
@ConfigurationProperties("comfy.job.limits")
public record LimitProperties(
        @DefaultValue("10m") Duration start,
        @DefaultValue("10m") Duration noProgress,
        @DefaultValue("1h") Duration total) {

    Limits limits() {
        return new Limits((int) start.toSeconds(), (int) noProgress.toSeconds(), (int) total.toSeconds());
    }
}
