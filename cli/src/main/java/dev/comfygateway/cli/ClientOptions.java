package dev.comfygateway.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that talk to a running gateway. */
final class ClientOptions {

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "${env:COMFYGW_URL:-http://127.0.0.1:8080}",
            description = "The gateway (default: COMFYGW_URL or ${DEFAULT-VALUE}).")
    private String url = "";

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            defaultValue = "${env:COMFYGW_API_KEY}",
            description = "API key (default: COMFYGW_API_KEY).")
    private @Nullable String apiKey;

    GatewayClient client() {
        return new GatewayClient(url, apiKey);
    }
}
