package dev.comfygateway.worker.settings;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The ComfyUI servers.
 *
 * @param url address of one server, or a comma list; each is one slot
 * @param apiKey sent as a bearer token to every server, or empty
 * @param connectTimeout for new connections
 * @param requestTimeout for calls that answer at once
 * @param transferTimeout for the transfer of one file
 * @param probeInterval how often the health of a server is asked for
 * @param probeTimeout how long an answer to that may take
 * @param inventoryInterval how often nodes and models are read
 */
@ConfigurationProperties("comfy.worker.backend")
public record BackendProperties(
        @DefaultValue("http://localhost:8188") String url,
        @Nullable String apiKey,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("30s") Duration requestTimeout,
        @DefaultValue("10m") Duration transferTimeout,
        @DefaultValue("2s") Duration probeInterval,
        @DefaultValue("5s") Duration probeTimeout,
        @DefaultValue("60s") Duration inventoryInterval) {}
