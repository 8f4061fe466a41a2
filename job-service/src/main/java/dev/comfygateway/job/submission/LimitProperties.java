package dev.comfygateway.job.submission;

import dev.comfygateway.job.lifecycle.JobLimits;
import dev.comfygateway.job.workflow.RequestedLimits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Time limits of jobs: what they are when nobody asks for others, and the most that can be asked for.
 *
 * @param waiting from the submission to the first start
 * @param start from the submit to ComfyUI until it starts the prompt
 * @param noProgress without any message about the prompt
 * @param total from the grant of an attempt to its end
 * @param maxWaiting the longest waiting that a job or template may ask for
 * @param maxStart the longest start that a job or template may ask for
 * @param maxNoProgress the longest time without progress that a job or template may ask for
 * @param maxTotal the longest total that a job or template may ask for
 */
@ConfigurationProperties("comfy.job.limits")
public record LimitProperties(
        @DefaultValue("1d") Duration waiting,
        @DefaultValue("10m") Duration start,
        @DefaultValue("10m") Duration noProgress,
        @DefaultValue("1h") Duration total,
        @DefaultValue("7d") Duration maxWaiting,
        @DefaultValue("1h") Duration maxStart,
        @DefaultValue("1h") Duration maxNoProgress,
        @DefaultValue("12h") Duration maxTotal) {

    /** The limits of a job submitted now. More than the most is cut to it. */
    JobLimits of(RequestedTime request, Instant now) {
        RequestedLimits wanted = request.limits();
        Instant deadline = request.ttl() == null ? request.deadline() : now.plus(request.ttl());
        return new JobLimits(
                either(wanted.waitingSeconds(), waiting, maxWaiting),
                either(wanted.startSeconds(), start, maxStart),
                either(wanted.noProgressSeconds(), noProgress, maxNoProgress),
                either(wanted.totalSeconds(), total, maxTotal),
                deadline);
    }

    private static Duration either(@Nullable Integer wanted, Duration usual, Duration most) {
        if (wanted == null) {
            return usual;
        }
        Duration asked = Duration.ofSeconds(wanted);
        return asked.compareTo(most) > 0 ? most : asked;
    }
}
