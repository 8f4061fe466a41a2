package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

class InternalRoutesTests extends SimulatorTestSupport {

    private int status(String method, String path, String body) {
        return send(request(path).method(method, HttpRequest.BodyPublishers.ofString(body)))
                .statusCode();
    }

    private Path folder(String kind) {
        return Path.of(get("/internal/folder_paths").get(kind).get(0).asString());
    }

    @Test
    void tellsNewLinesToWhoAskedForThem() {
        try (EventSocket socket = connect("reader")) {
            assertThat(status("PATCH", "/internal/logs/subscribe", "{\"clientId\":\"reader\",\"enabled\":true}"))
                    .isEqualTo(200);
            LoggerFactory.getLogger(InternalRoutesTests.class).info("a line to tell");
            JsonNode data = socket.untilType("logs").get("data");
            while (!data.at("/entries/0/m").asString().equals("a line to tell\n")) {
                data = socket.untilType("logs").get("data");
            }
            assertThat(data.at("/entries/0/t").asString())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");

            status("PATCH", "/internal/logs/subscribe", "{\"clientId\":\"reader\",\"enabled\":false}");
            LoggerFactory.getLogger(InternalRoutesTests.class).info("a line to keep");
            JsonNode entries = get("/internal/logs/raw").get("entries");
            assertThat(entries.valueStream().map(entry -> entry.get("m").asString()))
                    .contains("a line to tell\n", "a line to keep\n");
            assertThat(get("/internal/logs").asString()).contains(" - a line to keep\n");
        }
        assertThat(status("PATCH", "/internal/logs/subscribe", "{}")).isEqualTo(500);
        assertThat(status("POST", "/internal/logs/subscribe", "{}")).isEqualTo(405);
    }

    @Test
    void listsFilesNewestFirst() {
        for (String name : new String[] {"older.txt", "newer.txt"}) {
            send(new FormData().file("image", name, new byte[] {1}).to(request("/upload/image")));
        }

        assertThat(get("/internal/files/input").valueStream().map(JsonNode::asString))
                .containsSubsequence("newer.txt [input]", "older.txt [input]");
        assertThat(Json.text(get("/internal/files/bogus"))).isEqualTo("{\"error\":\"Invalid directory type\"}");
        assertThat(status("GET", "/internal/files/..%2Finput", "")).isEqualTo(400);
        assertThat(status("GET", "/api/internal/logs", "")).isEqualTo(404);
    }

    @Test
    void showsModelsThatAreThere() throws IOException {
        byte[] header = "{\"__metadata__\":{\"a\":\"b\"}}".getBytes(StandardCharsets.UTF_8);
        Path folder = Files.createDirectories(folder("loras"));
        Files.write(
                folder.resolve("m.safetensors"),
                ByteBuffer.allocate(8 + header.length)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(header.length)
                        .put(header)
                        .array());
        Files.write(folder.resolve("m.png"), FormData.png(4, 4, 0xFF00FF00));
        Files.write(folder.resolve("broken.safetensors"), new byte[] {1, 2, 3});

        assertThat(Json.text(get("/models/loras"))).isEqualTo("[\"broken.safetensors\",\"m.safetensors\"]");
        assertThat(Json.text(get("/view_metadata/loras?filename=m.safetensors")))
                .isEqualTo("{\"a\":\"b\"}");
        assertThat(status("GET", "/view_metadata/loras?filename=broken.safetensors", ""))
                .isEqualTo(404);
        assertThat(get("/experiment/models/loras").get(1).propertyNames())
                .containsExactly("name", "pathIndex", "modified", "created", "size");
        var preview = send(request("/experiment/models/preview/loras/0/m.safetensors"));
        assertThat(preview.headers().firstValue("Content-Type")).hasValue("image/webp");
        assertThat(new String(preview.body(), 0, 4, StandardCharsets.US_ASCII)).isEqualTo("RIFF");
    }

    @Test
    void findsNoModelsOutsideTheirFolders() {
        assertThat(status("GET", "/models/nope", "")).isEqualTo(404);
        assertThat(status("GET", "/models/..%2Finput", "")).isEqualTo(404);
        assertThat(status("GET", "/experiment/models/nope", "")).isEqualTo(404);
        assertThat(status("GET", "/experiment/models/preview/nope/0/x", "")).isEqualTo(404);
        assertThat(status("GET", "/experiment/models/preview/loras/0/..%2F..%2F..%2Finput%2Fseen.png", ""))
                .isEqualTo(404);
        assertThat(status("GET", "/experiment/models/preview/loras/9/x", "")).isEqualTo(500);
        assertThat(status("GET", "/experiment/models/preview/loras/x/x", "")).isEqualTo(500);
    }

    @Test
    void showsItsLists() {
        assertThat(get("/models")).hasSize(27);
        assertThat(get("/experiment/models")).hasSize(25);
        assertThat(Json.text(get("/embeddings"))).isEqualTo("[]");
        assertThat(Json.text(get("/i18n"))).isEqualTo("{}");
        assertThat(Json.text(get("/workflow_templates"))).isEqualTo("{}");
        assertThat(get("/node_replacements").has("ImageBatch")).isTrue();
        JsonNode subgraphs = get("/global_subgraphs");
        String id = subgraphs.propertyNames().iterator().next();
        assertThat(subgraphs.get(id).propertyNames()).containsExactly("source", "name", "info");
        assertThat(Json.parse(get("/global_subgraphs/" + id).get("data").asString())
                        .has("nodes"))
                .isTrue();
        assertThat(Json.text(get("/global_subgraphs/none"))).isEqualTo("null");
        assertThat(get("/api/assets").at("/error/code").asString()).isEqualTo("SERVICE_DISABLED");
        assertThat(status("POST", "/api/assets/seed", "")).isEqualTo(503);
        assertThat(status("GET", "/api/tags", "")).isEqualTo(503);
    }
}
