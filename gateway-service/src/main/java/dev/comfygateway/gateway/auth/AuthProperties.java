package dev.comfygateway.gateway.auth;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who may come in.
 *
 * @param apiKeys {@code key:role[:tenant]}, separated by commas; roles are {@code user} and {@code admin}
 * @param enabled false lets everyone in as admin of the tenant {@code default}; only for a machine nobody else reaches
 */
@ConfigurationProperties("comfy.gateway.auth")
record AuthProperties(
        @DefaultValue("") String apiKeys,
        @DefaultValue("true") boolean enabled) {

    /** Without the keys: this text may end up in a log. */
    @Override
    public String toString() {
        return "AuthProperties[enabled=" + enabled + "]";
    }
}
