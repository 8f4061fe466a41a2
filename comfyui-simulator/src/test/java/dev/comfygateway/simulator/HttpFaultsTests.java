package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class HttpFaultsTests extends FaultTestSupport {

    private int status(String path) {
        return send(request(path)).statusCode();
    }

    @ParameterizedTest
    @CsvSource({"500", "503", "403", "413"})
    void answersSomeRequestsOfAPathWithAStatus(int status) {
        fault("{\"kind\":\"http_status\",\"status\":%d,\"path\":\"/history/**\",\"next\":2}".formatted(status));

        assertThat(status("/queue")).isEqualTo(200);
        assertThat(status("/history/x")).isEqualTo(status);
        assertThat(status("/api/history/x")).isEqualTo(status);
        assertThat(status("/history/x")).isEqualTo(200);
    }

    @Test
    void tellsMethodsApart() {
        fault("{\"kind\":\"http_status\",\"status\":503,\"path\":\"/prompt\",\"method\":\"POST\",\"all\":true}");

        assertThat(status("/prompt")).isEqualTo(200);
        assertThat(post("/prompt", Json.object()).statusCode()).isEqualTo(503);
    }

    @Test
    void answersLate() {
        fault("{\"kind\":\"slow_http\",\"delay_ms\":200,\"path\":\"/object_info\"}");
        long start = System.nanoTime();

        assertThat(status("/object_info")).isEqualTo(200);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void resetsConnections() {
        fault("{\"kind\":\"connection_reset\",\"path\":\"/prompt\"}");

        assertThatThrownBy(() -> CLIENT.send(
                        request("/prompt")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build(),
                        HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
        assertThat(status("/prompt")).isEqualTo(200);
    }

    @Test
    void endsBodiesEarly() throws IOException {
        JsonNode file = run(fresh()).at("/outputs/3/images/0");
        int whole = view(file).length;
        fault("{\"kind\":\"truncated_transfer\",\"path\":\"/view\",\"bytes\":50}");

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write(("GET /view?subfolder=cap&filename="
                                    + file.get("filename").stringValue() + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);

            String[] parts = answer.split("\r\n\r\n", 2);
            assertThat(parts[0]).startsWith("HTTP/1.1 200").containsIgnoringCase("content-length: " + whole);
            assertThat(parts[1]).hasSize(50);
        }
    }

    @Test
    void asksAnotherInstanceEverySecondTime() {
        JsonNode graph = fresh();
        JsonNode entry = run(graph);
        String id = entry.at("/prompt/1").stringValue();
        String file = entry.at("/outputs/3/images/0/filename").stringValue();
        fault("{\"kind\":\"other_instance\",\"all\":true}");

        List<Boolean> known =
                IntStream.range(0, 4).mapToObj(i -> history(id).has("outputs")).toList();
        List<Integer> files = IntStream.range(0, 4)
                .mapToObj(i -> status("/view?subfolder=cap&filename=" + file))
                .toList();

        assertThat(known).containsExactlyInAnyOrder(true, false, true, false);
        assertThat(files).containsExactlyInAnyOrder(200, 404, 200, 404);
        assertThat(status("/system_stats")).isEqualTo(200);
    }
}
