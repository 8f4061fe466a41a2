package dev.comfygateway.worker.settings;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The other services.
 *
 * @param jobServiceUrl address of job-service
 * @param storageServiceUrl address of storage-service
 * @param requestTimeout for one call
 */
@ConfigurationProperties("comfy.worker.peers")
public record PeerProperties(
        @DefaultValue("http://localhost:8081") String jobServiceUrl,
        @DefaultValue("http://localhost:8082") String storageServiceUrl,
        @DefaultValue("10s") Duration requestTimeout) {}
