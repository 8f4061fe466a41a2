package dev.comfygateway.worker.settings;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who the worker is.
 *
 * @param id stable name, the same after a restart; by default host name and port
 * @param pool whose offers it takes
 */
@ConfigurationProperties("comfy.worker.identity")
public record IdentityProperties(
        @Nullable String id, @DefaultValue("default") String pool) {}
