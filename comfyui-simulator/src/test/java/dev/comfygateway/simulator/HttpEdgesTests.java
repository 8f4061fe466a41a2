package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
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
