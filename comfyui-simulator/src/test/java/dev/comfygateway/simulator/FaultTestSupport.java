package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A server that can be asked for faults. */
@TestPropertySource(properties = "comfy.simulator.faults=true")
abstract class FaultTestSupport extends SimulatorTestSupport {

    static final String SAVED = """
            {"1":{"class_type":"EmptyImage","inputs":{"width":32,"height":32,"batch_size":1,"color":%d}},
             "3":{"class_type":"SaveImage","inputs":{"images":["1",0],"filename_prefix":"cap/f"}}}""";

    @AfterEach
    void clearFaults() {
        awaitAnswer();
        send(request("/simulator/faults").DELETE());
    }

    /** Asks for a fault and returns its id. */
    String fault(String json) {
        HttpResponse<byte[]> answer = post("/simulator/faults", Json.parse(json));
        assertThat(answer.statusCode())
                .as(new String(answer.body(), java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo(201);
        return Json.parse(answer.body()).get("id").stringValue();
    }

    void clear(String id) {
        assertThat(send(request("/simulator/faults/" + id).DELETE()).statusCode())
                .isEqualTo(200);
    }

    /** A graph that no test has run before: nothing of it is cached. */
    static JsonNode fresh() {
        return Json.parse(SAVED.formatted(UUID.randomUUID().getMostSignificantBits() & 0xFFFFFF));
    }

    /** Queues a graph under an id. */
    String submitAs(String clientId, JsonNode graph, String promptId) {
        ObjectNode body = Json.object().put("client_id", clientId).put("prompt_id", promptId);
        body.set("prompt", graph);
        assertThat(post("/prompt", body).statusCode()).isEqualTo(200);
        return promptId;
    }

    static String newId() {
        return UUID.randomUUID().toString();
    }

    boolean answers() {
        try {
            return CLIENT.send(
                                    request("/prompt")
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    void awaitAnswer() {
        await().until(this::answers);
    }

    JsonNode history(String id) {
        return get("/history/" + id).path(id);
    }

    JsonNode queue() {
        return get("/queue");
    }

    void interrupt(String id) {
        send(request("/interrupt").POST(HttpRequest.BodyPublishers.ofString("{\"prompt_id\":\"" + id + "\"}")));
    }
}
