package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;

/** Sends recorded requests again. */
final class ReplayRequests {

    private static final String BOUNDARY = "recorded-session";

    private final HttpClient client;
    private final String origin;
    private final Likeness likeness;
    private String etag = "";
    private String temporary = "";

    ReplayRequests(HttpClient client, int port, Likeness likeness) {
        this.client = client;
        this.origin = "http://127.0.0.1:" + port;
        this.likeness = likeness;
    }

    /** The temporary file that the recorded client asked for. */
    void temporaryFile(String name) {
        temporary = name;
    }

    HttpResponse<byte[]> send(JsonNode step) {
        String path = likeness.translated(step.get("path").stringValue())
                .replace("<temp>", temporary)
                .replace(" ", "%20")
                .replace("[", "%5B")
                .replace("]", "%5D");
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(origin + path)).timeout(Duration.ofSeconds(20));
        step.path("headers")
                .properties()
                .forEach(header -> request.header(
                        header.getKey(),
                        likeness.translated(header.getValue().stringValue())
                                .replace("<self>", origin)
                                .replace("<etag>", etag)));
        if (step.has("form") || (step.has("big") && path.startsWith("/upload"))) {
            request.header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY);
        }
        byte[] body = body(step, path);
        request.method(
                step.get("method").stringValue(),
                body.length == 0 ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        try {
            HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            Optional<String> newTag = response.headers().firstValue("ETag");
            newTag.ifPresent(tag -> etag = tag);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] body(JsonNode step, String path) {
        if (step.has("form")) {
            return form(step.get("form"));
        }
        if (step.has("big")) {
            byte[] bytes = new byte[step.get("big").intValue()];
            return path.startsWith("/upload") ? part("image", "big.bin", bytes) : bytes;
        }
        if (step.has("body")) {
            return likeness.translated(Json.text(step.get("body"))).getBytes(StandardCharsets.UTF_8);
        }
        byte[] text = step.path("text").asString("").getBytes(StandardCharsets.UTF_8);
        boolean gzip =
                step.path("headers").path("Content-Encoding").asString("").equals("gzip");
        return gzip ? gzip(text) : text;
    }

    private static byte[] form(JsonNode form) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        form.properties().forEach(entry -> {
            JsonNode value = entry.getValue();
            byte[] part = value.isString()
                    ? part(entry.getKey(), "", value.stringValue().getBytes(StandardCharsets.UTF_8))
                    : part(
                            entry.getKey(),
                            value.get("filename").stringValue(),
                            Base64.getDecoder().decode(value.get("base64").stringValue()));
            // Each part is a form of its own; only the last keeps the end mark.
            out.write(part, 0, part.length - END.length);
        });
        out.writeBytes(END);
        return out.toByteArray();
    }

    private static final byte[] END = ("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII);

    private static byte[] part(String name, String fileName, byte[] content) {
        String file = fileName.isEmpty()
                ? "\r\n"
                : "; filename=\"" + fileName + "\"\r\nContent-Type: application/octet-stream\r\n";
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(("--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"" + file + "\r\n")
                .getBytes(StandardCharsets.UTF_8));
        out.writeBytes(content);
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(END);
        return out.toByteArray();
    }

    private static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
