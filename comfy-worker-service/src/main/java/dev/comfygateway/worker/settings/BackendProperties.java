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
 * @param breakerFailures attempts lost in a row after which a server gets no more
 * @param breakerPause how long it gets none then, before one is tried
 * @param trialTimeout how long a server that has stopped running prompts may take for a tiny one
 * @param warmUp whether a server has to run a prompt before it gets work: after a start of the worker and of the server
 * @param warmUpWorkflow file with the API-format graph for that, or empty for a tiny one without models
 * @param sslBundle name of the SSL bundle that https servers are checked with, or empty for the system's
 */
@ConfigurationProperties("comfy.worker.backend")
public record BackendProperties(
        @DefaultValue("") String url,
        @Nullable String apiKey,
        @DefaultValue("5s") Duration connectTimeout,
        @DefaultValue("30s") Duration requestTimeout,
        @DefaultValue("10m") Duration transferTimeout,
        @DefaultValue("2s") Duration probeInterval,
        @DefaultValue("5s") Duration probeTimeout,
        @DefaultValue("60s") Duration inventoryInterval,
        @DefaultValue("5") int breakerFailures,
        @DefaultValue("30s") Duration breakerPause,
        @DefaultValue("20s") Duration trialTimeout,
        @DefaultValue("true") boolean warmUp,
        @Nullable String warmUpWorkflow,
        @Nullable String sslBundle) {}
