package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class UserDataTests extends SimulatorTestSupport {

    private static final AtomicInteger COUNTER = new AtomicInteger();

    /** Each test has a folder of its own. */
    private String dir = "";

    @BeforeEach
    void fill() {
        dir = "w" + COUNTER.incrementAndGet();
        assertThat(call("POST", "/userdata/" + dir + "%2Fa.json", "{\"k\":1}").statusCode())
                .isEqualTo(200);
        assertThat(call("POST", "/userdata/" + dir + "%2Fsub%2Fb.json", "{}").statusCode())
                .isEqualTo(200);
    }

    private HttpResponse<byte[]> call(String method, String path, String body) {
        return send(request(path).method(method, HttpRequest.BodyPublishers.ofString(body)));
    }

    private String text(String method, String path) {
        HttpResponse<byte[]> answer = call(method, path, "");
        return answer.statusCode() + " " + new String(answer.body(), StandardCharsets.UTF_8);
    }

    private String json(String path) {
        return Json.text(get(path));
    }

    @Test
    void listsFiles() {
        assertThat(json("/userdata?dir=" + dir)).isEqualTo("[\"a.json\"]");
        assertThat(json("/userdata?recurse=true&dir=" + dir)).isEqualTo("[\"a.json\",\"sub/b.json\"]");
        assertThat(json("/userdata?recurse=true&split=true&dir=" + dir))
                .isEqualTo("[[\"a.json\",\"a.json\"],[\"sub/b.json\",\"sub\",\"b.json\"]]");
        JsonNode described =
                get("/userdata?recurse=true&full_info=true&dir=" + dir).get(0);
        assertThat(described.propertyNames()).containsExactly("path", "size", "modified", "created");
        assertThat(described.get("size").intValue()).isEqualTo(7);
        assertThat(described.get("modified").isIntegralNumber()).isTrue();
    }

    @Test
    void tellsWhyItListsNothing() {
        assertThat(text("GET", "/userdata")).isEqualTo("400 Directory not provided");
        assertThat(text("GET", "/userdata?dir=nowhere")).isEqualTo("404 Directory not found");
        assertThat(text("GET", "/userdata?dir=..%2F..")).isEqualTo("403 Invalid directory");
        assertThat(text("GET", "/userdata?dir=/etc")).isEqualTo("403 Invalid directory");
        assertThat(text("GET", "/v2/userdata?path=..")).isEqualTo("400 Invalid path requested");
        assertThat(text("GET", "/v2/userdata?path=/etc")).isEqualTo("400 Invalid path requested");
        assertThat(text("GET", "/v2/userdata?path=nowhere")).isEqualTo("404 Requested path not found");
        assertThat(text("GET", "/v2/userdata?path=" + dir + "/a.json"))
                .isEqualTo("400 Requested path is not a directory");
    }

    @Test
    void listsFoldersBeforeFiles() {
        JsonNode tree = get("/v2/userdata?path=" + dir);

        assertThat(tree.valueStream().map(item -> item.get("path").asString()))
                .containsExactly(dir + "/sub", dir + "/a.json", dir + "/sub/b.json");
        assertThat(tree.get(0).propertyNames()).containsExactly("name", "path", "type");
        assertThat(tree.get(1).get("size").intValue()).isEqualTo(7);
        assertThat(tree.get(1).get("modified").isDouble()).isTrue();
    }

    @Test
    void writesMovesAndDeletes() {
        String a = "/userdata/" + dir + "%2Fa.json";

        assertThat(text("POST", a + "?overwrite=false")).isEqualTo("409 File already exists");
        assertThat(text("POST", a + "/move/" + dir + "%2Fsub%2Fb.json?overwrite=false"))
                .isEqualTo("409 File already exists");
        assertThat(text("POST", a + "/move/" + dir + "%2Fnew%2Fc.json")).isEqualTo("200 \"" + dir + "/new/c.json\"");
        assertThat(call("GET", a, "").statusCode()).isEqualTo(404);
        HttpResponse<byte[]> moved = call("GET", "/userdata/" + dir + "%2Fnew%2Fc.json", "");
        assertThat(new String(moved.body(), StandardCharsets.UTF_8)).isEqualTo("{\"k\":1}");
        assertThat(moved.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(moved.headers().firstValue("Content-Disposition")).hasValue("attachment");
        assertThat(text("DELETE", "/userdata/" + dir + "%2Fnew%2Fc.json")).isEqualTo("204 ");
        assertThat(text("DELETE", "/userdata/" + dir + "%2Fnew%2Fc.json")).isEqualTo("404 ");
        assertThat(text("POST", "/userdata/" + dir)).isEqualTo("400 ");
        assertThat(text("POST", "/userdata/" + dir + "%2Fsub%2Fb.json%2Fx")).isEqualTo("400 ");
        assertThat(call("GET", "/userdata/" + dir, "").statusCode()).isEqualTo(403);
        assertThat(call("DELETE", "/userdata/" + dir, "").statusCode()).isEqualTo(500);
    }

    @Test
    void movesNoFolderIntoItself() {
        assertThat(call("POST", "/userdata/" + dir + "/move/" + dir + "%2Fsub", "")
                        .statusCode())
                .isEqualTo(500);
        assertThat(json("/userdata?recurse=true&dir=" + dir)).isEqualTo("[\"a.json\",\"sub/b.json\"]");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, ..%2F..%2Fx, 403",
        "GET, ..%2Fusers.json, 403",
        "GET, %2Fetc%2Fpasswd, 403",
        "GET, a%2F..%2F..%2F..%2Finput, 403",
        "POST, ..%2Fx, 403",
        "POST, %2Ftmp%2Fx, 403",
        "DELETE, ..%2Fx, 403",
        "POST, ..%2Fx/move/y, 403",
        "POST, nowhere/move/y, 404"
    })
    void leavesOtherFoldersAlone(String method, String name, int status) {
        assertThat(call(method, "/userdata/" + name, "x").statusCode()).isEqualTo(status);
    }

    @Test
    void movesNothingOut() {
        assertThat(call("POST", "/userdata/" + dir + "%2Fa.json/move/..%2F..%2Fout.json", "")
                        .statusCode())
                .isEqualTo(500);
        assertThat(json("/userdata?dir=" + dir)).isEqualTo("[\"a.json\"]");
    }

    @Test
    void keepsSettings() {
        assertThat(call("POST", "/settings", "{\"Test.A\":1,\"Test.B\":{\"x\":true}}")
                        .body())
                .isEmpty();
        assertThat(call("POST", "/settings/Test.C", "\"val\"").statusCode()).isEqualTo(200);
        assertThat(call("POST", "/settings", "{\"Test.A\":2}").statusCode()).isEqualTo(200);

        assertThat(get("/settings").get("Test.A").intValue()).isEqualTo(2);
        assertThat(json("/api/settings/Test.B")).isEqualTo("{\"x\":true}");
        assertThat(json("/settings/Test.C")).isEqualTo("\"val\"");
        assertThat(json("/settings/none")).isEqualTo("null");
        assertThat(call("POST", "/settings", "[]").statusCode()).isEqualTo(500);
        assertThat(call("POST", "/settings", "no JSON").statusCode()).isEqualTo(500);
    }

    @Test
    void addsUsersThoughThereIsOnlyOne() {
        assertThat(get("/users").get("migrated").booleanValue()).isTrue();
        assertThat(Json.parse(call("POST", "/users", "{\"username\":\"a b/../c\"}")
                                .body())
                        .stringValue())
                .matches("a-b-c_[0-9a-f-]{36}");
        assertThat(text("POST", "/users")).startsWith("500 ");
        assertThat(call("POST", "/users", "{\"username\":\" \"}").statusCode()).isEqualTo(400);
    }
}
