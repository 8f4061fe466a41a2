package dev.comfygateway.contract.claim;

import org.jspecify.annotations.Nullable;

/**
 * Answer to a claim: a grant, or the reason why there is none.
 *
 * @param grant the attempt to run, or null
 * @param reason why nothing was granted, for example {@code QUEUE_EMPTY}; null with a grant
 */
public record ClaimAnswer(@Nullable Grant grant, @Nullable String reason) {

    public static ClaimAnswer granted(Grant grant) {
        return new ClaimAnswer(grant, null);
    }

    public static ClaimAnswer nothing(String reason) {
        return new ClaimAnswer(null, reason);
    }
}
