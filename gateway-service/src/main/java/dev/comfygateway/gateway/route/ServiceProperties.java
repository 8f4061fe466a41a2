package dev.comfygateway.gateway.route;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where the services are.
 *
 * @param jobUrl base address of job-service
 * @param storageUrl base address of storage-service
 * @param webhookUrl base address of webhook-service
 * @param timeout how long to wait for an answer to a call the gateway makes itself
 */
@ConfigurationProperties("comfy.gateway.services")
public record ServiceProperties(
        @DefaultValue("http://localhost:8081") URI jobUrl,
        @DefaultValue("http://localhost:8082") URI storageUrl,
        @DefaultValue("http://localhost:8083") URI webhookUrl,
        @DefaultValue("10s") Duration timeout) {}
