package dev.comfygateway.gateway.worker;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What counts for the public health answer.
 *
 * @param lostAfter silence after which a worker counts as lost
 */
@ConfigurationProperties("comfy.gateway.workers")
record WorkerProperties(@DefaultValue("15s") Duration lostAfter) {}
