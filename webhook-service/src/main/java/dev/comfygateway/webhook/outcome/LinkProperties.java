package dev.comfygateway.webhook.outcome;

import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Links in webhooks.
 *
 * @param storageUrl address of storage-service
 * @param publicUrl the gateway's address as clients see it; {@code contentUrl} is relative when it is empty
 * @param ttl how long presigned links work
 * @param timeout how long a webhook waits for its links before it goes without
 */
@ConfigurationProperties("comfy.webhook.links")
public record LinkProperties(
        @DefaultValue("http://localhost:8082") URI storageUrl,
        @DefaultValue("") String publicUrl,
        @DefaultValue("24h") Duration ttl,
        @DefaultValue("2s") Duration timeout) {}
