package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class FaultsOffTests extends SimulatorTestSupport {

    @Test
    void hasNoRouteForFaults() {
        assertThat(send(request("/simulator/faults")).statusCode()).isEqualTo(404);
        assertThat(post("/simulator/faults", Json.parse("{\"kind\":\"crash\"}")).statusCode())
                .isEqualTo(405);
    }

    @Test
    void ignoresFaultsThatComeWithPrompts() {
        ObjectNode body = Json.object().put("client_id", "innocent");
        body.set("prompt", chain(99, slow(1, 0.0, false)));
        body.putObject("extra_data").set("simulator_fault", Json.parse("{\"kind\":\"out_of_memory\"}"));
        try (EventSocket socket = connect("innocent")) {
            String id =
                    Json.parse(post("/prompt", body).body()).get("prompt_id").stringValue();
            socket.untilEnd();

            assertThat(get("/history/" + id).path(id).at("/status/completed").booleanValue())
                    .isTrue();
        }
    }
}
