package dev.comfygateway.contract.job;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When things happened to a job, by the database clock.
 *
 * @param createdAt submission
 * @param startedAt grant of the newest attempt, or null before the first
 * @param completedAt final outcome, or null before it
 * @param executionTimeMs time ComfyUI took for the attempt that ended the job, or null when unknown
 */
public record JobTiming(
        Instant createdAt,
        @Nullable Instant startedAt,
        @Nullable Instant completedAt,
        @Nullable Long executionTimeMs) {}
