package dev.comfygateway.gateway.health;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The public health answer.
 *
 * @param cacheFor how long an answer of the services is good for
 * @param timeout how long a service may take to say that it is up
 */
@ConfigurationProperties("comfy.gateway.health")
record HealthProperties(
        @DefaultValue("1s") Duration cacheFor,
        @DefaultValue("2s") Duration timeout) {}
