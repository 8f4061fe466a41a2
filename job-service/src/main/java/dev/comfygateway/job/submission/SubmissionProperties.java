package dev.comfygateway.job.submission;

import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * What may be submitted.
 *
 * @param pools pools that exist; a job for any other would wait for ever
 * @param maxGraphSize largest graph, as JSON text
 * @param maxMetadataSize largest metadata of a job, as JSON text
 * @param unrunnable what happens to a job that no known worker of its pool can run: {@code refuse} or {@code wait}
 * @param callbackDomains hosts that may be told about outcomes: names, {@code *.suffix}, or {@code *} for all
 */
@ConfigurationProperties("comfy.job.submission")
public record SubmissionProperties(
        @DefaultValue("default") List<String> pools,
        @DefaultValue("10MB") DataSize maxGraphSize,
        @DefaultValue("1MB") DataSize maxMetadataSize,
        @DefaultValue("refuse") Unrunnable unrunnable,
        @DefaultValue("*") List<String> callbackDomains) {

    /** What happens to a job that no known worker can run. */
    public enum Unrunnable {
        REFUSE,
        WAIT
    }
}
