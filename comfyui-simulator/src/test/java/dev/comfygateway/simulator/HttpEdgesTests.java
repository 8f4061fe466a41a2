package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class HttpEdgesTests extends SimulatorTestSupport {

    /** What no HTTP client sends: hosts, origins and lengths that contradict each other. */
    private String raw(String head) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            OutputStream out = socket.getOutputStream();
            out.write((head + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void saysThatItIsASimulator() {
        JsonNode system = get("/api/system_stats").get("system");

        assertThat(system.get("comfyui_version").stringValue()).isEqualTo("0.33.0");
        assertThat(system.get("simulator").booleanValue()).isTrue();
        assertThat(Json.text(system.get("argv"))).isEqualTo("[\"comfyui-simulator\"]");
    }

    @Test
    void describesItsNodes() {
        assertThat(get("/object_info")
                        .at("/KSampler/input/required/seed/1/max")
                        .bigIntegerValue()
                        .toString())
                .isEqualTo("18446744073709551615");
        assertThat(get("/object_info/LoadImage")
                        .at("/LoadImage/input/required/image/1/image_upload")
                        .booleanValue())
                .isTrue();
        assertThat(get("/object_info/Nope").isEmpty()).isTrue();
        assertThat(get("/models/checkpoints")).hasSize(4);
    }

    @Test
    void answersUnusualMethodsAndPathsAsTheRealServerDoes() {
        assertThat(send(request("/nowhere")).statusCode()).isEqualTo(404);
        assertThat(send(request("/api/system_stats").DELETE()).statusCode()).isEqualTo(405);
        assertThat(send(request("/prompt").method("OPTIONS", HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(request("/system_stats").HEAD()).statusCode()).isEqualTo(200);
        assertThat(send(request("/system_stats").HEAD()).body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nope, 404, '', ''",
        "GET, /api/nope, 404, '', ''",
        "GET, /jobs, 404, '', ''",
        "GET, /interrupt, 404, '', ''",
        "GET, /prompt/, 404, '', ''",
        "GET, //prompt, 404, 404: Not Found, ''",
        "POST, /nope, 405, 405: Method Not Allowed, 'GET,HEAD'",
        "PUT, /prompt, 405, 405: Method Not Allowed, 'GET,HEAD,POST'",
        "PUT, /api/userdata/x, 405, 405: Method Not Allowed, 'DELETE,GET,HEAD,POST'",
        "DELETE, /history/x, 405, 405: Method Not Allowed, 'GET,HEAD'",
        "POST, /ws, 405, 405: Method Not Allowed, 'GET,HEAD'",
        "GET, /internal/nope, 404, 404: Not Found, ''",
        "POST, /internal/nope, 404, 404: Not Found, ''",
        "POST, /internal/logs, 405, 405: Method Not Allowed, 'GET,HEAD'",
        "GET, /internal/logs/subscribe, 405, 405: Method Not Allowed, PATCH",
        "OPTIONS, /nope, 200, '', ''"
    })
    void answersWhatHasNoRoute(String method, String path, int status, String text, String allowed) throws IOException {
        String answer = raw(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n");

        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").endsWith("\r\n\r\n" + text);
        if (allowed.isEmpty()) {
            assertThat(answer).doesNotContainIgnoringCase("\r\nallow:");
        } else {
            assertThat(answer).containsIgnoringCase("\r\nallow: " + allowed + "\r\n");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/x.js, no-store",
        "/x.css, no-store",
        "/a/index.fr.json, no-store",
        "/xindex.json, ''",
        "/x.png, 'public, max-age=86400'",
        "/X.PNG, 'public, max-age=86400'",
        "/userdata/absent.png, 'public, max-age=3600'",
        "/x.gif, ''",
        "/view?filename=x.png, ''",
        "/, 'no-store, must-revalidate'"
    })
    void saysHowLongPathsMayBeKept(String path, String caching) {
        assertThat(send(request(path)).headers().firstValue("Cache-Control").orElse(""))
                .isEqualTo(caching);
    }

    @Test
    void saysWhatItIsOnItsPage() {
        HttpResponse<byte[]> page = send(request("/"));

        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html");
        assertThat(new String(page.body(), StandardCharsets.UTF_8)).contains("It is a simulator");
        assertThat(send(request("/index.html")).body()).isEqualTo(page.body());
    }

    @Test
    void asksForAnUpgradeOnItsSocket() throws IOException {
        assertThat(raw("GET /ws HTTP/1.1\r\nHost: localhost\r\n"))
                .startsWith("HTTP/1.1 400")
                .endsWith("No WebSocket UPGRADE hdr: None\n Can \"Upgrade\" only to \"WebSocket\".");
    }

    @Test
    void readsBodiesInAnyCodingItKnows() throws IOException {
        byte[] text = "{\"delete\":[]}".getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(zipped)) {
            out.write(text);
        }
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(deflated)) {
            out.write(text);
        }

        assertThat(coded("gzip", zipped.toByteArray())).isEqualTo(200);
        assertThat(coded("deflate", deflated.toByteArray())).isEqualTo(200);
        assertThat(coded("gzip", text)).isEqualTo(500);
        assertThat(coded("br", text)).isEqualTo(400);
        String chunks = "9\r\n{\"delete\"\r\n4\r\n:[]}\r\n0\r\n";
        assertThat(raw("POST /queue HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                        + "Connection: close\r\n\r\n" + chunks))
                .startsWith("HTTP/1.1 200");
    }

    private int coded(String coding, byte[] body) {
        return send(request("/queue")
                        .header("Content-Encoding", coding)
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)))
                .statusCode();
    }

    @Test
    void refusesForeignOriginsAndHugeBodies() throws IOException {
        assertThat(raw("GET /prompt HTTP/1.1\r\nHost: 127.0.0.1:8188\r\nOrigin: http://evil.example\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET /prompt HTTP/1.1\r\nHost: 127.0.0.1:8188\r\nSec-Fetch-Site: cross-site\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("POST /prompt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857601\r\n"))
                .startsWith("HTTP/1.1 413")
                .endsWith("Maximum request body size 104857600 exceeded.");
    }

    @Test
    void pagesTheHistoryFromEitherEnd() {
        send(request("/history").POST(HttpRequest.BodyPublishers.ofString("{\"clear\":true}")));
        for (int i = 0; i < 3; i++) {
            run(chain(100 + i, slow(1, 0.0, false)));
        }
        var ids = List.copyOf(get("/history").propertyNames());

        assertThat(get("/history?max_items=2").propertyNames()).containsExactly(ids.get(1), ids.get(2));
        assertThat(get("/history?max_items=2&offset=0").propertyNames()).containsExactly(ids.get(0), ids.get(1));
        assertThat(get("/history?offset=2").propertyNames()).containsExactly(ids.get(2));
        assertThat(get("/history?max_items=0").isEmpty()).isTrue();
        assertThat(send(request("/history?max_items=x")).statusCode()).isEqualTo(500);
        assertThat(get("/api/jobs?status=completed&limit=2")
                        .at("/pagination/has_more")
                        .booleanValue())
                .isTrue();
    }
}
