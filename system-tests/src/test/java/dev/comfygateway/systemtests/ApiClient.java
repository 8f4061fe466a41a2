package dev.comfygateway.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * A plain HTTP client of the public API. Blocks the calling thread; throws {@link UncheckedIOException} when there is no
 * answer, and {@link Refused} for one that it did not hope for.
 */
final class ApiClient {

    private static final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private final URI base;
    private final String traceparent;

    ApiClient(URI base) {
        this(base, "");
    }

    private ApiClient(URI base, String traceparent) {
        this.base = base;
        this.traceparent = traceparent;
    }

    /** The same API, with every request belonging to one trace. */
    ApiClient traced(String traceparent) {
        return new ApiClient(base, traceparent);
    }

    /** One event of a stream. {@code id} is empty for events that carry none. */
    record ServerEvent(String id, String name, JsonNode data) {}

    /** An answer with another status than the one that was wanted. */
    static final class Refused extends AssertionError {

        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(String what, int status, String body) {
            super(what + " answered " + status + " " + body);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = request(path)
                .timeout(Duration.ofSeconds(90))
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return exchange(request.build(), BodyHandlers.ofString());
    }

    JsonNode get(String path) {
        HttpResponse<String> response = send("GET", path, "");
        if (response.statusCode() != 200) {
            throw new Refused("GET " + path, response.statusCode(), response.body());
        }
        return Json.read(response.body());
    }

    /** Submits and returns the job's id; fails unless the answer is 202. */
    String submit(Map<String, ?> job) {
        HttpResponse<String> response = send("POST", "/v1/jobs", Json.write(job));
        if (response.statusCode() != 202) {
            throw new Refused("Submit", response.statusCode(), response.body());
        }
        return Json.read(response.body()).get("jobId").asString();
    }

    JsonNode job(String jobId) {
        return get("/v1/jobs/" + jobId);
    }

    byte[] download(String url) {
        HttpResponse<byte[]> response =
                exchange(request(url).timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new Refused("Download", response.statusCode(), "");
        }
        return response.body();
    }

    JsonNode upload(String filename, byte[] bytes) {
        HttpResponse<String> response = exchange(
                request("/v1/assets")
                        .header("X-Filename", filename)
                        .header("Content-Type", "application/octet-stream")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                        .build(),
                BodyHandlers.ofString());
        if (response.statusCode() != 201) {
            throw new Refused("Upload", response.statusCode(), response.body());
        }
        return Json.read(response.body());
    }

    /** Follows a job to its {@code end} event and returns every event; fails when the stream ends without it. */
    List<ServerEvent> follow(String jobId, String lastEventId, Consumer<ServerEvent> each) {
        return follow(request("/v1/jobs/" + jobId + "/events"), lastEventId, each);
    }

    /** The same with previews. */
    List<ServerEvent> watch(String jobId) {
        return follow(request("/v1/jobs/" + jobId + "/events?previews=true"), "", event -> {});
    }

    private List<ServerEvent> follow(HttpRequest.Builder request, String lastEventId, Consumer<ServerEvent> each) {
        request.timeout(Duration.ofMinutes(3)).header("Accept", "text/event-stream");
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<Stream<String>> response = exchange(request.build(), BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            response.body().close();
            throw new Refused("Events", response.statusCode(), "");
        }
        EventReader reader = new EventReader(each);
        try (Stream<String> lines = response.body()) {
            lines.forEach(reader::line);
        }
        return reader.events();
    }

    /** Follows a job to its end and returns the data of the last event. */
    JsonNode awaitEnd(String jobId) {
        List<ServerEvent> events = follow(jobId, "", event -> {});
        if (events.isEmpty() || !events.getLast().name().equals("end")) {
            throw new AssertionError("The stream of " + jobId + " ended without an end event: " + events);
        }
        return events.getLast().data();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve(path));
        return traceparent.isEmpty() ? request : request.header("traceparent", traceparent);
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request, handler);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    request.method() + " " + request.uri().getPath() + " failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }
}
