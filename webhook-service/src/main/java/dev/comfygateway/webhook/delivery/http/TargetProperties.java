package dev.comfygateway.webhook.delivery.http;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where webhooks may go.
 *
 * @param allowPrivateAddresses whether loopback, private and link-local addresses may be called; for development on one
 *     machine
 * @param allowedDomains host names, {@code *.example.com} for all names below one, {@code *} or nothing for every host
 */
@ConfigurationProperties("comfy.webhook.target")
record TargetProperties(
        @DefaultValue("false") boolean allowPrivateAddresses,
        @DefaultValue List<String> allowedDomains) {
    TargetProperties {
        allowedDomains = List.copyOf(allowedDomains);
    }
}
