package dev.comfygateway.edge;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What every service's HTTP edge needs.
 *
 * @param internalSecret secret shared by all services, signs the tokens they accept from each other; at least 16
 *     characters
 * @param acceptInternalTokens whether requests need such a token; only the gateway, which authenticates clients itself,
 *     turns it off
 */
@ConfigurationProperties("comfy.edge")
public record EdgeProperties(
        @Nullable String internalSecret,
        @DefaultValue("true") boolean acceptInternalTokens) {}
