package dev.comfygateway.storage.link;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Presigned links.
 *
 * @param ttl how long they are good unless asked otherwise
 */
@ConfigurationProperties("comfy.storage.link")
record LinkProperties(@DefaultValue("1h") Duration ttl) {}
