package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ValidationTests extends SimulatorTestSupport {

    static Stream<Arguments> recorded() {
        return StreamSupport.stream(resource("validation-cases.json").spliterator(), false)
                .map(recorded -> Arguments.of(recorded.get("note").stringValue(), recorded));
    }

    /** Tracebacks, new ids and the order of errors within a node differ from server to server. */
    private static JsonNode comparable(JsonNode answer) {
        ObjectNode copy = (ObjectNode) answer.deepCopy();
        copy.remove(List.of("prompt_id", "number"));
        for (JsonNode node : copy.get("node_errors")) {
            List<JsonNode> errors = new ArrayList<>();
            node.get("errors").forEach(errors::add);
            errors.sort(Comparator.comparing(error -> error.get("details").stringValue()));
            ArrayNode sorted = ((ObjectNode) node).putArray("errors");
            for (JsonNode error : errors) {
                ((ObjectNode) error.get("extra_info")).remove("traceback");
                sorted.add(error);
            }
        }
        return copy;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("recorded")
    void answersAsRecorded(String note, JsonNode recorded) {
        HttpResponse<byte[]> answer = post("/prompt", recorded.get("body"));

        assertThat(answer.statusCode())
                .as(note)
                .isEqualTo(recorded.get("status").intValue());
        JsonNode expected = recorded.get("answer");
        if (expected.isString()) {
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).isEqualTo(expected.stringValue());
        } else {
            assertThat(comparable(Json.parse(answer.body()))).isEqualTo(comparable(expected));
        }
    }

    @Test
    void namesTheCheckpointsItHasWhenAnotherIsAskedFor() {
        ObjectNode body = Json.object();
        ObjectNode graph = (ObjectNode) textToImage("a", 1, 64);
        ((ObjectNode) graph.at("/4/inputs")).put("ckpt_name", "absent.safetensors");
        body.set("prompt", graph);

        JsonNode error = Json.parse(post("/api/prompt", body).body()).at("/node_errors/4/errors/0");

        assertThat(error.get("type").stringValue()).isEqualTo("value_not_in_list");
        assertThat(error.get("details").stringValue())
                .isEqualTo("ckpt_name: 'absent.safetensors' not in ['sd_xl_base_1.0.ckpt',"
                        + " 'sd_xl_base_1.0.safetensors', 'v1-5-pruned-emaonly.ckpt',"
                        + " 'v1-5-pruned-emaonly.safetensors']");
    }

    @Test
    void answersMalformedJsonWithAPlainText() {
        HttpResponse<byte[]> answer =
                send(request("/prompt").POST(HttpRequest.BodyPublishers.ofString("{\"prompt\": ")));

        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo("500 Internal Server Error\n\nServer got itself in trouble");
    }
}
