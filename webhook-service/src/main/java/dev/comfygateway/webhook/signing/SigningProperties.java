package dev.comfygateway.webhook.signing;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How webhooks are signed.
 *
 * @param secret shared with the receivers; webhooks are not signed when it is empty
 */
@ConfigurationProperties("comfy.webhook.signing")
record SigningProperties(@DefaultValue("") String secret) {}
