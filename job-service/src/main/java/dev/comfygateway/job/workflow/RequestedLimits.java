package dev.comfygateway.job.workflow;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * Time limits that a template or a request asks for; null is the usual one.
 *
 * @param waitingSeconds from the submission to the first start
 * @param startSeconds from the submit to ComfyUI until it starts the prompt
 * @param noProgressSeconds without any message about the prompt
 * @param totalSeconds from the grant of an attempt to its end
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RequestedLimits(
        @Nullable Integer waitingSeconds,
        @Nullable Integer startSeconds,
        @Nullable Integer noProgressSeconds,
        @Nullable Integer totalSeconds) {

    public static final RequestedLimits NONE = new RequestedLimits(null, null, null, null);

    /** These, and the others where these ask for nothing. */
    public RequestedLimits or(@Nullable RequestedLimits others) {
        return others == null
                ? this
                : new RequestedLimits(
                        waitingSeconds == null ? others.waitingSeconds : waitingSeconds,
                        startSeconds == null ? others.startSeconds : startSeconds,
                        noProgressSeconds == null ? others.noProgressSeconds : noProgressSeconds,
                        totalSeconds == null ? others.totalSeconds : totalSeconds);
    }
}
