package dev.comfygateway.scaledown;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * When a worker's pod is marked.
 *
 * @param every time between two looks at all pods
 * @param idleAfter time without a job after which a worker counts as idle. Each change of a mark is a write to the
 *     cluster's API: in a pool that is well used no worker is idle for that long, and there is none
 * @param lostAfter silence of a worker after which its pod is left as it is
 */
@ConfigurationProperties("comfy.scale-down")
record ScaleDownProperties(
        @DefaultValue("5s") Duration every,
        @DefaultValue("30s") Duration idleAfter,
        @DefaultValue("15s") Duration lostAfter) {}
