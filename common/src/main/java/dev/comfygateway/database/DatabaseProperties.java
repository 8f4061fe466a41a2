package dev.comfygateway.database;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Who migrates the service's schema.
 *
 * @param migrate whether the service does it at its start; else it waits until somebody else has
 * @param migrationWait how long it waits then before it gives up
 */
@ConfigurationProperties("comfy.database")
public record DatabaseProperties(
        @DefaultValue("true") boolean migrate,
        @DefaultValue("2m") Duration migrationWait) {}
