package dev.comfygateway.job.submission;

import dev.comfygateway.job.workflow.RequestedLimits;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a request says about time.
 *
 * @param limits the request's, or else its template's
 * @param ttl from the submission to the deadline, or null
 * @param deadline as a moment, or null; never with {@code ttl}
 */
public record RequestedTime(
        RequestedLimits limits,
        @Nullable Duration ttl,
        @Nullable Instant deadline) {}
