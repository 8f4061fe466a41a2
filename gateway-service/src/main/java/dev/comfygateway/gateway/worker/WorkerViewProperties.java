package dev.comfygateway.gateway.worker;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The list of workers.
 *
 * @param lostAfter silence after which a worker counts as lost
 * @param forgetAfter silence after which it is not listed any more
 */
@ConfigurationProperties("comfy.gateway.workers")
record WorkerViewProperties(
        @DefaultValue("15s") Duration lostAfter,
        @DefaultValue("1h") Duration forgetAfter) {}
