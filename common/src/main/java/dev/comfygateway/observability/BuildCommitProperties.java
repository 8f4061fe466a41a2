package dev.comfygateway.observability;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What the packaged jar does not know of its build.
 *
 * @param commit commit it was made from, empty when unknown
 */
@ConfigurationProperties("comfy.build")
public record BuildCommitProperties(@DefaultValue("") String commit) {}
