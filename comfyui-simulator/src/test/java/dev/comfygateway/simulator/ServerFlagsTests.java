package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(
        properties = {
            "comfy.simulator.multi-user=true",
            "comfy.simulator.cors-origin=*",
            "comfy.simulator.compress-response-body=true",
            "comfy.simulator.disable-api-nodes=true",
            "comfy.simulator.max-upload-size=1MB",
            "comfy.simulator.feature-flags[show_signin_button]=true"
        })
class ServerFlagsTests extends SimulatorTestSupport {

    private static final String ALLOW_ORIGIN = "Access-Control-Allow-Origin";

    private HttpResponse<byte[]> call(String method, String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request = request(path).method(method, HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return send(request);
    }

    private HttpResponse<byte[]> get(String path, Map<String, String> headers) {
        return call("GET", path, "", headers);
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    private String addUser(String name) {
        return text(call("POST", "/users", "{\"username\":\"" + name + "\"}", Map.of()));
    }

    @Test
    void keepsUsersApart() {
        String id = Json.parse(addUser("bob")).stringValue();
        Map<String, String> bob = Map.of("comfy-user", id);
        String other = Json.parse(addUser("eve")).stringValue();

        assertThat(get("/users").at("/users/" + id).stringValue()).isEqualTo("bob");
        assertThat(addUser("bob")).isEqualTo("{\"error\":\"Duplicate username.\"}");
        assertThat(addUser(" ")).isEqualTo("{\"error\":\"username not provided\"}");
        assertThat(addUser("__x")).isEqualTo("{\"error\":\"System User prefix not allowed\"}");
        assertThat(call("POST", "/userdata/x.json", "{}", bob).statusCode()).isEqualTo(200);
        assertThat(get("/userdata/x.json", bob).statusCode()).isEqualTo(200);
        assertThat(get("/userdata/x.json", Map.of("comfy-user", other)).statusCode())
                .isEqualTo(404);
        assertThat(text(get("/settings", bob))).isEqualTo("{}");
    }

    @Test
    void refusesUnknownUsers() {
        for (Map<String, String> user : List.<Map<String, String>>of(
                Map.of(),
                Map.of("comfy-user", "nobody"),
                Map.of("comfy-user", ".."),
                Map.of("comfy-user", "../input"))) {
            HttpResponse<byte[]> settings = get("/settings", user);
            assertThat(settings.statusCode()).isEqualTo(401);
            assertThat(text(settings)).isEqualTo("401: Unauthorized");
            assertThat(settings.headers().firstValue(ALLOW_ORIGIN)).isEmpty();
            assertThat(get("/userdata?dir=workflows", user).statusCode()).isEqualTo(500);
            assertThat(text(get("/v2/userdata", user))).isEqualTo("Invalid user specified in request");
            assertThat(get("/v2/userdata", user).statusCode()).isEqualTo(403);
            assertThat(get("/prompt", user).statusCode()).isEqualTo(200);
        }
        assertThat(get("/userdata", Map.of()).statusCode()).isEqualTo(400);
    }

    @Test
    void allowsOtherOrigins() {
        HttpResponse<byte[]> answer =
                get("/prompt", Map.of("Origin", "http://app.example", "Sec-Fetch-Site", "cross-site"));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue(ALLOW_ORIGIN)).hasValue("*");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Methods"))
                .hasValue("POST, GET, DELETE, PUT, OPTIONS, PATCH");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Headers")).hasValue("Content-Type, Authorization");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials"))
                .hasValue("true");
        assertThat(call("OPTIONS", "/anything", "", Map.of()).headers().firstValue(ALLOW_ORIGIN))
                .hasValue("*");
        assertThat(get("/nope", Map.of()).headers().firstValue(ALLOW_ORIGIN)).hasValue("*");
        assertThat(call("PUT", "/prompt", "", Map.of()).headers().firstValue(ALLOW_ORIGIN))
                .isEmpty();
        assertThat(get("/history?max_items=x", Map.of()).headers().firstValue(ALLOW_ORIGIN))
                .isEmpty();
    }

    @Test
    void keepsPagesFromOtherHosts() {
        assertThat(get("/prompt", Map.of()).headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy).startsWith("default-src 'self'; "));
    }

    @Test
    void compressesJsonForWhoTakesIt() throws IOException {
        HttpResponse<byte[]> both = get("/prompt", Map.of("Accept-Encoding", "gzip, deflate"));
        HttpResponse<byte[]> gzip = get("/prompt", Map.of("Accept-Encoding", "gzip"));

        assertThat(both.headers().firstValue("Content-Encoding")).hasValue("deflate");
        assertThat(gzip.headers().firstValue("Content-Encoding")).hasValue("gzip");
        try (InputStream inflated = new InflaterInputStream(new ByteArrayInputStream(both.body()));
                InputStream unzipped = new GZIPInputStream(new ByteArrayInputStream(gzip.body()))) {
            byte[] plain = get("/prompt", Map.of()).body();
            assertThat(inflated.readAllBytes()).isEqualTo(plain);
            assertThat(unzipped.readAllBytes()).isEqualTo(plain);
        }
        assertThat(get("/prompt", Map.of("Accept-Encoding", "br")).headers().firstValue("Content-Encoding"))
                .isEmpty();
        assertThat(get("/", Map.of("Accept-Encoding", "gzip")).headers().firstValue("Content-Encoding"))
                .isEmpty();
    }

    @Test
    void limitsBodies() {
        HttpResponse<byte[]> answer = call("POST", "/prompt", "x".repeat(1024 * 1024 + 1), Map.of());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(text(answer)).isEqualTo("Maximum request body size 1048576 exceeded.");
        assertThat(answer.headers().firstValue(ALLOW_ORIGIN)).isEmpty();
    }

    @Test
    void tellsItsFlags() {
        assertThat(get("/features").get("max_upload_size").isDouble()).isTrue();
        assertThat(get("/features").get("show_signin_button").booleanValue()).isTrue();
        assertThat(get("/features").get("assets").booleanValue()).isFalse();
    }
}
