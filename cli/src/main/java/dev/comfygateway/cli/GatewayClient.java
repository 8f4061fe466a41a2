package dev.comfygateway.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gateway's public API, as far as the commands need it. Blocks; failures become {@link CommandFailure}. */
final class GatewayClient {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;
    private final @Nullable String apiKey;

    GatewayClient(String base, @Nullable String apiKey) {
        this.base = base.replaceAll("/+$", "");
        this.apiKey = apiKey == null || apiKey.isBlank() ? null : apiKey;
    }

    String base() {
        return base;
    }

    JsonNode get(String path) throws InterruptedException {
        return json(send(request(path).build()));
    }

    JsonNode post(String path, JsonNode body) throws InterruptedException {
        return json(send(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build()));
    }

    byte[] bytes(String path) throws InterruptedException {
        try {
            HttpResponse<byte[]> response = http.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new CommandFailure(path + " answered " + response.statusCode());
            }
            return response.body();
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /**
     * Follows the job's events until the stream ends, connecting again with the last id when it breaks.
     *
     * @return the data of the final event
     */
    JsonNode follow(String jobId, Consumer<ServerEvent> seen) throws InterruptedException {
        ServerEvent.Reader reader = new ServerEvent.Reader();
        for (int failures = 0; failures < 5; ) {
            HttpRequest.Builder builder =
                    request("/v1/jobs/" + jobId + "/events").header("Accept", "text/event-stream");
            if (!reader.lastId().isEmpty()) {
                builder.header("Last-Event-ID", reader.lastId());
            }
            try {
                HttpResponse<Stream<String>> response = http.send(builder.build(), HttpResponse.BodyHandlers.ofLines());
                if (response.statusCode() == 404) {
                    throw new CommandFailure("There is no job " + jobId);
                }
                try (Stream<String> lines = response.body()) {
                    if (response.statusCode() == 200) {
                        var rest = lines.iterator();
                        while (rest.hasNext()) {
                            ServerEvent event = reader.accept(rest.next());
                            if (event != null) {
                                failures = 0;
                                seen.accept(event);
                                if (event.name().equals("end")) {
                                    return event.data();
                                }
                            }
                        }
                    }
                }
            } catch (IOException | java.io.UncheckedIOException e) {
                // The stream broke; the next connection goes on where it ended.
            }
            failures++;
            Thread.sleep(500);
        }
        throw new CommandFailure(
                "The event stream of " + jobId + " broke again and again; see " + base + "/v1/jobs/" + jobId);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base + path));
        if (apiKey != null) {
            builder.header("X-API-Key", apiKey);
        }
        return builder;
    }

    private HttpResponse<String> send(HttpRequest request) throws InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private CommandFailure unreachable(IOException e) {
        return new CommandFailure("The gateway at " + base + " cannot be reached: "
                + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
    }

    private static JsonNode json(HttpResponse<String> response) {
        JsonNode body;
        try {
            body = JSON.readTree(response.body());
        } catch (JacksonException e) {
            body = JSON.createObjectNode();
        }
        if (response.statusCode() >= 300) {
            String code = body.path("code").asString("");
            String detail = body.path("detail").asString("");
            throw new CommandFailure("The gateway answered " + response.statusCode()
                    + (code.isEmpty() ? "" : " " + code) + (detail.isEmpty() ? "" : ": " + detail));
        }
        return body;
    }
}
