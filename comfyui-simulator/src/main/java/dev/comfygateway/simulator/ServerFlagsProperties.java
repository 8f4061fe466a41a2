package dev.comfygateway.simulator;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the real server takes as flags on its command line.
 *
 * @param corsOrigin the value of {@code Access-Control-Allow-Origin}; when present, it replaces the guard against
 *     foreign origins
 * @param compressResponseBody whether JSON and plain texts are compressed for clients that accept it
 * @param disableApiNodes whether answers carry a policy that keeps pages from calling other hosts; the old dialect
 *     knows none
 * @param multiUser whether settings and user files are kept per user
 * @param assets whether outputs and uploads are listed as assets; the old dialect knows none
 * @param featureFlags further flags that the server tells in its features
 */
@ConfigurationProperties("comfy.simulator")
public record ServerFlagsProperties(
        @Nullable String corsOrigin,
        @DefaultValue("false") boolean compressResponseBody,
        @DefaultValue("false") boolean disableApiNodes,
        @DefaultValue("false") boolean multiUser,
        @DefaultValue("false") boolean assets,
        @DefaultValue Map<String, String> featureFlags) {

    /** Copies the map. */
    public ServerFlagsProperties {
        featureFlags = Map.copyOf(featureFlags);
    }
}
