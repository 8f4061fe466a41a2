package dev.comfygateway.worker.settings;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How the worker stays known.
 *
 * @param renewEvery interval of lease renewals; well below the lease time of 30 s
 * @param heartbeatEvery interval of heartbeats
 */
@ConfigurationProperties("comfy.worker.lease")
public record LeaseProperties(
        @DefaultValue("5s") Duration renewEvery,
        @DefaultValue("2s") Duration heartbeatEvery) {}
