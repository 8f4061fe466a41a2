package dev.comfygateway.job.storage;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where storage-service is.
 *
 * @param url its base address
 * @param timeout longest wait for an answer
 */
@ConfigurationProperties("comfy.job.storage")
public record StorageClientProperties(
        @DefaultValue("http://localhost:8082") String url,
        @DefaultValue("2s") Duration timeout) {}
