package dev.comfygateway.gateway.progress;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Event streams.
 *
 * @param heartbeat how often an open stream says that it lives, and looks for changes it may have missed
 * @param progressInterval shortest time between two progress events of a job; the newest wins
 * @param queueSize how many node and output events a slow client may be behind before the oldest are dropped
 * @param retryMin least time a client waits before it connects again
 * @param retryMax most time a client waits before it connects again
 * @param maxWait longest {@code Prefer: wait}
 */
@ConfigurationProperties("comfy.gateway.stream")
record StreamProperties(
        @DefaultValue("15s") Duration heartbeat,
        @DefaultValue("250ms") Duration progressInterval,
        @DefaultValue("1000") int queueSize,
        @DefaultValue("1s") Duration retryMin,
        @DefaultValue("3s") Duration retryMax,
        @DefaultValue("60s") Duration maxWait) {}
