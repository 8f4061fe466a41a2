package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import javax.imageio.ImageIO;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Compares one answer with the recorded one: whatever the recording says about it must hold. */
final class AnswerCheck {

    private final JsonNode expected;
    private final HttpResponse<byte[]> response;
    private final byte[] body;
    private final Likeness likeness;
    private final boolean anyOrder;
    private final List<String> found = new ArrayList<>();

    AnswerCheck(JsonNode expected, HttpResponse<byte[]> response, Likeness likeness, boolean anyOrder) {
        this.expected = expected;
        this.response = response;
        this.body = decoded(response);
        this.likeness = likeness;
        this.anyOrder = anyOrder;
    }

    List<String> differences() {
        same("status", expected.get("status").asString(), Integer.toString(response.statusCode()));
        if (expected.has("content_type")) {
            same("content type", expected.get("content_type").asString("none"), header("Content-Type"));
        }
        expected.path("headers")
                .properties()
                .forEach(header -> same(
                        header.getKey(),
                        likeness.translated(header.getValue().stringValue()),
                        header(header.getKey())));
        for (JsonNode name : expected.path("has")) {
            same(
                    name.stringValue(),
                    "true",
                    Boolean.toString(!header(name.stringValue()).equals("none")));
        }
        if (expected.has("empty")) {
            same("length", "0", Integer.toString(body.length));
        }
        if (expected.has("text")) {
            same("text", expected.get("text").stringValue(), new String(body, StandardCharsets.UTF_8));
        }
        if (expected.has("magic")) {
            String magic = HexFormat.of().formatHex(body, 0, Math.min(4, body.length));
            same("first bytes", expected.get("magic").stringValue(), magic);
        }
        if (expected.has("pixel")) {
            same("first pixel", Json.text(expected.get("pixel")), firstPixel());
        }
        if (found.isEmpty()) {
            checkJson();
        }
        return found;
    }

    private void checkJson() {
        if (expected.has("json")) {
            JsonNode wanted = likeness.recorded(expected.get("json"));
            JsonNode got = json();
            same("body", text(wanted), text(likeness.replayed(got)));
        }
        if (expected.has("keys")) {
            List<String> wanted = new ArrayList<>();
            expected.get("keys").forEach(key -> wanted.add(likeness.translated(key.stringValue())));
            same("keys", wanted.toString(), List.copyOf(json().propertyNames()).toString());
        }
        if (expected.has("queue")) {
            for (String side : List.of("running", "pending")) {
                JsonNode items = Json.array();
                for (JsonNode item : json().path("queue_" + side)) {
                    ((tools.jackson.databind.node.ArrayNode) items)
                            .add(Json.array().add(item.get(0)).add(item.get(1)));
                }
                same(side, text(likeness.recorded(expected.get("queue").get(side))), text(items));
            }
        }
        if (expected.has("outputs")) {
            JsonNode entry = json().values().iterator().next();
            same(
                    "outputs",
                    text(likeness.recorded(expected.get("outputs"))),
                    text(likeness.replayed(entry.path("outputs"))));
        }
    }

    private String text(JsonNode node) {
        String text = Likeness.text(node);
        return anyOrder ? Transcript.withoutCounters(text) : text;
    }

    private JsonNode json() {
        try {
            return Json.parse(body);
        } catch (JacksonException e) {
            found.add("no JSON: " + new String(body, StandardCharsets.UTF_8));
            return Json.object();
        }
    }

    private void same(String what, String wanted, String got) {
        if (!wanted.equals(got)) {
            found.add(what + "\n  recorded " + wanted + "\n  replayed " + got);
        }
    }

    private String header(String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    private String firstPixel() {
        try {
            int rgb = Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(body)))
                    .getRGB(0, 0);
            return "[" + (rgb >> 16 & 255) + "," + (rgb >> 8 & 255) + "," + (rgb & 255) + "]";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] decoded(HttpResponse<byte[]> response) {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("");
        ByteArrayInputStream in = new ByteArrayInputStream(response.body());
        try {
            return switch (encoding) {
                case "gzip" -> new GZIPInputStream(in).readAllBytes();
                case "deflate" -> new InflaterInputStream(in).readAllBytes();
                default -> response.body();
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
