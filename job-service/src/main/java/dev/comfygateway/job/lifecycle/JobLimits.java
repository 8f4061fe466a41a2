package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.claim.Grant.Limits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How long a job may take. Fixed when it is submitted.
 *
 * @param waiting from submission to the first start, and as long again for each further attempt
 * @param start of each attempt: from the submit to ComfyUI until it starts the prompt
 * @param noProgress of each attempt: without any message about the prompt
 * @param total of each attempt: from the grant to the end
 * @param deadline when the job is of no more use, or null
 */
public record JobLimits(
        Duration waiting,
        Duration start,
        Duration noProgress,
        Duration total,
        @Nullable Instant deadline) {

    /** Whether the deadline has come. */
    boolean isOver(Instant now) {
        return deadline != null && !now.isBefore(deadline);
    }

    /** The earlier of the moment and the deadline. */
    Instant atMost(Instant moment) {
        return deadline != null && deadline.isBefore(moment) ? deadline : moment;
    }

    /** What an attempt that is granted now may take: nothing beyond the deadline. */
    public Limits ofAttempt(Instant now) {
        Duration left = Duration.between(now, atMost(now.plus(total)));
        // Up, so that a worker never gives up before the deadline; at least 1, as limits are positive.
        long seconds = Math.max(1, left.plusNanos(999_999_999).toSeconds());
        return new Limits((int) start.toSeconds(), (int) noProgress.toSeconds(), (int) seconds);
    }

    /** The same for a job submitted now: as much time as the first had from its submission to its deadline. */
    public JobLimits again(Instant submitted, Instant now) {
        return new JobLimits(
                waiting,
                start,
                noProgress,
                total,
                deadline == null ? null : now.plus(Duration.between(submitted, deadline)));
    }
}
