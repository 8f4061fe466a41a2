package dev.comfygateway.job.scheduling;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.comfygateway.contract.job.Priority;
import org.jspecify.annotations.Nullable;

/**
 * Why a job was granted; kept with the attempt, for its log.
 *
 * @param policy the pool's policy
 * @param reason what put it first
 * @param countedAs class it counted as, after ageing, or null when a worker gave it back
 * @param tenantShare GPU seconds of its tenant by weight, where the policy looks at them
 * @param waitedMs time since its submission
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Decision(
        SchedulingPolicy policy,
        Reason reason,
        @Nullable Priority countedAs,
        @Nullable Double tenantShare,
        long waitedMs) {

    /** What put a job first. */
    public enum Reason {
        /** It was the first in line. */
        NEXT,
        /** A worker gave it back. */
        GIVEN_BACK,
        /** The worker has its models loaded; jobs before it were passed over. */
        WARM_MODELS,
        /** It was passed over for as long as may be. */
        WAITED_FOR_WARM_MODELS
    }
}
