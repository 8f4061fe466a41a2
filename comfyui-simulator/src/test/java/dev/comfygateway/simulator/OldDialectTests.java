package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

@TestPropertySource(properties = "comfy.simulator.dialect=old")
class OldDialectTests extends SimulatorTestSupport {

    private JsonNode refusal(String graph) {
        ObjectNode body = Json.object();
        body.set("prompt", Json.parse(graph));
        return Json.parse(post("/prompt", body).body());
    }

    @Test
    void tellsItsReleaseWithoutTheNewerFields() {
        JsonNode system = get("/system_stats").get("system");

        assertThat(system.get("comfyui_version").stringValue()).isEqualTo("0.3.64");
        assertThat(system.get("os").stringValue()).isEqualTo("posix");
        assertThat(system.has("deploy_environment")).isFalse();
        assertThat(get("/features").propertyNames()).containsExactly("supports_preview_metadata", "max_upload_size");
        assertThat(get("/object_info/SaveImage").at("/SaveImage/output").isEmpty())
                .isTrue();
    }

    @Test
    void refusesUnknownClassesInItsOwnWords() {
        JsonNode error =
                refusal("{\"1\":{\"class_type\":\"NoSuchNode\",\"inputs\":{}}}").get("error");

        assertThat(error.get("type").stringValue()).isEqualTo("invalid_prompt");
        assertThat(error.get("message").stringValue())
                .isEqualTo("Cannot execute because node NoSuchNode does not exist.");
    }

    @Test
    void saysNothingAboutNodesOfACycle() {
        JsonNode answer = refusal("""
                {"1":{"class_type":"ImageInvert","inputs":{"image":["2",0]}},
                 "2":{"class_type":"ImageInvert","inputs":{"image":["1",0]}},
                 "3":{"class_type":"SaveImage","inputs":{"images":["2",0],"filename_prefix":"x"}}}
                """);

        assertThat(answer.at("/error/type").stringValue()).isEqualTo("prompt_outputs_failed_validation");
        assertThat(answer.get("node_errors").isEmpty()).isTrue();
    }

    @Test
    void takesAnyPromptIdAndKeepsSecretsOutOfTheHistory() {
        try (EventSocket socket = connect("old")) {
            ObjectNode body = Json.object().put("client_id", "old").put("prompt_id", "my-own-id");
            body.set("prompt", chain(21, slow(1, 0.0, false)));
            body.putObject("extra_data").put("api_key_comfy_org", "key").put("kept", 1);

            assertThat(Json.parse(post("/prompt", body).body()).get("prompt_id").stringValue())
                    .isEqualTo("my-own-id");
            socket.untilEnd();

            JsonNode extra = get("/history/my-own-id").at("/my-own-id/prompt/3");
            assertThat(extra.propertyNames()).containsExactlyInAnyOrder("kept", "client_id");
        }
    }
}
