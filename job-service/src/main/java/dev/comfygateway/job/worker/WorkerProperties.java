package dev.comfygateway.job.worker;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is known about workers.
 *
 * @param lostAfter silence after which a worker counts as lost
 * @param listedFor silence after which it is not listed any more, and its inventory is not counted for its pool
 * @param catchUp how long the service waits at its start, before it says that it is ready, until it has read what
 *     workers said before; it serves without that when Kafka is away
 */
@ConfigurationProperties("comfy.job.workers")
public record WorkerProperties(
        @DefaultValue("15s") Duration lostAfter,
        @DefaultValue("1h") Duration listedFor,
        @DefaultValue("15s") Duration catchUp) {}
