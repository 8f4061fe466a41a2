package dev.comfygateway.job.recovery;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a failed attempt is followed by another one.
 *
 * @param maxAttempts attempts that count, the first included
 * @param maxLostWorkers workers that may be lost with the job before it is quarantined
 * @param backOff pause before the second attempt, the third and so on; the last one repeats
 * @param jitter by which part of itself a pause may be longer
 * @param largerPools where a job that ran out of memory is sent, once: {@code default:big} sends those of the pool
 *     {@code default} to the pool {@code big}
 */
@ConfigurationProperties("comfy.job.retry")
record RetryProperties(
        @DefaultValue("3") int maxAttempts,
        @DefaultValue("2") int maxLostWorkers,
        @DefaultValue({"1s", "5s", "15s"}) List<Duration> backOff,
        @DefaultValue("0.2") double jitter,
        @DefaultValue List<String> largerPools) {}
