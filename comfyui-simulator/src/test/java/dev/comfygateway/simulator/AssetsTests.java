package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;

@TestPropertySource(properties = "comfy.simulator.assets=true")
class AssetsTests extends SimulatorTestSupport {

    private static final AtomicInteger COLOUR = new AtomicInteger();

    private HttpResponse<byte[]> call(String method, String path, String body) {
        return send(request(path).method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    private JsonNode json(String method, String path, String body) {
        return Json.parse(call(method, path, body).body());
    }

    private static byte[] picture() {
        return FormData.png(40, 30, 0xFF000000 | COLOUR.incrementAndGet());
    }

    private JsonNode upload(String name, byte[] bytes) {
        return Json.parse(send(new FormData().file("image", name, bytes).to(request("/upload/image")))
                        .body())
                .get("asset");
    }

    /** The id of an output of a new prompt. */
    private String output() {
        return run(chain(COLOUR.incrementAndGet(), slow(1, 0, false)))
                .at("/outputs/3/images/0/id")
                .asString();
    }

    @Test
    void givesOutputsIdsThatLeadToTheirAssets() {
        JsonNode entry = run(chain(COLOUR.incrementAndGet(), slow(1, 0, false)));
        JsonNode item = entry.at("/outputs/3/images/0");

        JsonNode asset = get("/api/assets/" + item.get("id").asString());

        assertThat(asset.get("name").asString()).isEqualTo(item.get("filename").asString());
        assertThat(asset.get("loader_path").asString())
                .isEqualTo("cap/" + item.get("filename").asString());
        assertThat(asset.get("prompt_id").asString())
                .isEqualTo(entry.at("/prompt/1").asString());
        assertThat(Json.text(asset.get("tags"))).isEqualTo("[\"output\",\"uploaded\"]");
        assertThat(send(request(asset.get("preview_url").asString())).body()).isEqualTo(view(item));
        HttpResponse<byte[]> content =
                send(request("/api/assets/" + item.get("id").asString() + "/content"));
        assertThat(content.body()).isEqualTo(view(item));
        assertThat(content.headers().firstValue("Content-Disposition"))
                .hasValue("attachment; filename*=UTF-8''" + item.get("filename").asString());
    }

    @Test
    void tellsTheAssetOfAnUpload() {
        byte[] bytes = picture();

        JsonNode asset = upload("asset.png", bytes);

        assertThat(asset.propertyNames()).containsExactly("id", "name", "asset_hash", "size", "mime_type", "tags");
        String hash = asset.get("asset_hash").asString();
        assertThat(send(request("/view?filename=" + hash)).body()).isEqualTo(bytes);
        assertThat(call("HEAD", "/api/assets/hash/" + hash, "").statusCode()).isEqualTo(200);
        assertThat(call("HEAD", "/api/assets/hash/blake3:" + "0".repeat(64), "").statusCode())
                .isEqualTo(404);
        assertThat(upload("asset.png", bytes).get("id")).isEqualTo(asset.get("id"));
    }

    @Test
    void knowsContentThatIsThereAlready() {
        byte[] bytes = picture();
        String hash = upload("first.png", bytes).get("asset_hash").asString();

        HttpResponse<byte[]> same = send(new FormData()
                .field("tags", "[\"input\"]")
                .file("file", "again.png", bytes)
                .to(request("/api/assets")));
        HttpResponse<byte[]> fresh =
                send(new FormData().file("file", "fresh.png", picture()).to(request("/api/assets")));
        JsonNode referred = json(
                "POST", "/api/assets/from-hash", "{\"hash\":\"" + hash + "\",\"name\":\"r.png\",\"tags\":[\"t\"]}");

        assertThat(same.statusCode()).isEqualTo(200);
        assertThat(Json.parse(same.body()).get("created_new").booleanValue()).isFalse();
        assertThat(fresh.statusCode()).isEqualTo(201);
        assertThat(Json.parse(fresh.body()).get("created_new").booleanValue()).isTrue();
        assertThat(referred.get("hash").asString()).isEqualTo(hash);
        assertThat(json("POST", "/api/assets/from-hash", "{\"hash\":\"blake3:" + "0".repeat(64) + "\"}")
                        .at("/error/code")
                        .asString())
                .isEqualTo("ASSET_NOT_FOUND");
        assertThat(send(new FormData().file("file", "../out.png", picture()).to(request("/api/assets")))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void pagesThroughItsList() {
        String first = output();
        String second = output();

        JsonNode page = get("/api/assets?limit=1&include_tags=output");
        JsonNode next = get("/api/assets?limit=1&include_tags=output&after="
                + page.get("next_cursor").asString());

        assertThat(page.at("/assets/0/id").asString()).isEqualTo(second);
        assertThat(page.get("has_more").booleanValue()).isTrue();
        assertThat(next.at("/assets/0/id").asString()).isEqualTo(first);
        assertThat(call("GET", "/api/assets?limit=x", "").statusCode()).isEqualTo(400);
    }

    @Test
    void hashesOutputsAfterTheyWereListed() {
        try (EventSocket socket = connect("seeds")) {
            String id = output();
            get("/api/assets");
            JsonNode done = socket.untilType("assets.seed.completed");

            assertThat(done.at("/data/phase").asString()).isEqualTo("enrich");
            assertThat(get("/api/assets/" + id).get("hash").asString()).startsWith("blake3:");
            assertThat(get("/api/assets/" + id).at("/metadata/format").asString())
                    .isEqualTo("png");
        }
    }

    @Test
    void changesNamesAndTags() {
        String path = "/api/assets/" + output();

        assertThat(json("PUT", path, "{\"name\":\"renamed.png\"}").get("name").asString())
                .isEqualTo("renamed.png");
        assertThat(Json.text(json("POST", path + "/tags", "{\"tags\":[\"a\",\"output\"]}")))
                .isEqualTo("{\"added\":[\"a\"],\"already_present\":[\"output\"],"
                        + "\"total_tags\":[\"a\",\"output\",\"uploaded\"]}");
        assertThat(Json.text(json("DELETE", path + "/tags", "{\"tags\":[\"a\",\"b\"]}")))
                .isEqualTo("{\"removed\":[\"a\"],\"not_present\":[\"b\"],\"total_tags\":[\"output\",\"uploaded\"]}");
        assertThat(call("POST", path + "/tags", "no JSON").statusCode()).isEqualTo(400);
        assertThat(call("DELETE", path, "").statusCode()).isEqualTo(204);
        assertThat(Json.text(json("GET", path, "").get("error").get("code"))).isEqualTo("\"ASSET_NOT_FOUND\"");
        assertThat(call("GET", "/api/assets/nothing", "").statusCode()).isEqualTo(404);
    }

    @Test
    void countsTagsAndSeeds() {
        output();

        assertThat(get("/api/tags").at("/tags/0/count").asInt()).isPositive();
        assertThat(get("/api/tags")
                        .get("tags")
                        .valueStream()
                        .map(tag -> tag.get("name").asString()))
                .contains("uploaded", "output", "vae_approx");
        assertThat(get("/api/assets/tags/refine").at("/tag_counts/output").asInt())
                .isPositive();
        assertThat(get("/api/assets/seed/status").get("state").asString()).isEqualTo("IDLE");
        assertThat(call("POST", "/api/assets/seed", "{\"roots\":[\"input\"]}").statusCode())
                .isEqualTo(202);
        assertThat(call("GET", "/assets", "").statusCode()).isEqualTo(404);
        assertThat(get("/features").get("assets").booleanValue()).isTrue();
    }
}
