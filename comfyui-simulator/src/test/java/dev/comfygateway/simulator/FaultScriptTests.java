package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class FaultScriptTests extends FaultTestSupport {

    private String status(JsonNode graph) {
        return run(graph).at("/status/status_str").stringValue();
    }

    @Test
    void listsAndClearsFaults() {
        String one = fault("{\"kind\":\"node_error\",\"next\":2}");
        String other = fault("{\"kind\":\"http_status\",\"path\":\"/nowhere\",\"all\":true}");

        JsonNode listed = get("/simulator/faults").get("faults");
        assertThat(listed).hasSize(2);
        assertThat(listed.at("/0/id").stringValue()).isEqualTo(one);
        assertThat(listed.at("/0/remaining").intValue()).isEqualTo(2);
        assertThat(listed.at("/1/id").stringValue()).isEqualTo(other);

        clear(one);
        assertThat(get("/simulator/faults").get("faults")).hasSize(1);
        assertThat(send(request("/simulator/faults/" + one).DELETE()).statusCode())
                .isEqualTo(404);
        assertThat(status(fresh())).isEqualTo("success");
    }

    @Test
    void concernsAsManyPromptsAsItWasTold() {
        fault("{\"kind\":\"node_error\",\"next\":2}");

        assertThat(status(fresh())).isEqualTo("error");
        assertThat(status(fresh())).isEqualTo("error");
        assertThat(status(fresh())).isEqualTo("success");
    }

    @Test
    void concernsOnePromptOnly() {
        String id = newId();
        fault("{\"kind\":\"node_error\",\"prompt_id\":\"%s\"}".formatted(id));
        assertThat(status(fresh())).isEqualTo("success");

        try (EventSocket socket = connect("chosen")) {
            submitAs("chosen", fresh(), id);
            socket.untilEnd();

            assertThat(history(id).at("/status/status_str").stringValue()).isEqualTo("error");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "nonsense",
                "{\"kind\":\"fire\"}",
                "{\"kind\":\"hang\",\"delay_ms\":1}",
                "{\"kind\":\"hang\",\"next\":1,\"all\":true}"
            })
    void refusesWhatItDoesNotUnderstand(String body) {
        assertThat(send(request("/simulator/faults").POST(java.net.http.HttpRequest.BodyPublishers.ofString(body)))
                        .statusCode())
                .isEqualTo(400);
        assertThat(Json.text(get("/simulator/faults").get("faults"))).isEqualTo("[]");
    }
}
