package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.simulator.graph.Json;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class PromptFaultsTests extends FaultTestSupport {

    private static JsonNode lastMessage(JsonNode entry) {
        JsonNode messages = entry.at("/status/messages");
        return messages.get(messages.size() - 1);
    }

    private HttpResponse<byte[]> viewed(JsonNode entry) {
        JsonNode file = entry.at("/outputs/3/images/0");
        return send(
                request("/view?subfolder=cap&filename=" + file.get("filename").stringValue()));
    }

    @ParameterizedTest
    @CsvSource({"torch, torch.OutOfMemoryError, CUDA out of memory", "runtime, RuntimeError, CUDA error: out of memory"
    })
    void runsOutOfMemoryInBothCoats(String coat, String type, String message) {
        fault("{\"kind\":\"out_of_memory\",\"node\":\"3\",\"coat\":\"%s\"}".formatted(coat));

        JsonNode error = lastMessage(run(fresh()));

        assertThat(error.get(0).stringValue()).isEqualTo("execution_error");
        assertThat(error.at("/1/node_id").stringValue()).isEqualTo("3");
        assertThat(error.at("/1/exception_type").stringValue()).isEqualTo(type);
        assertThat(error.at("/1/exception_message").stringValue()).startsWith(message);
        assertThat(run(fresh()).at("/status/status_str").stringValue())
                .as("the next one")
                .isEqualTo("success");
    }

    @Test
    void raisesWhatItWasToldAtTheNodeOfThatNumber() {
        fault("""
                {"kind":"node_error","step":2,"type":"my.Error","message":"at /opt/comfyui: tensor([1.0])"}""");

        JsonNode error = lastMessage(run(fresh())).get(1);

        assertThat(error.get("node_id").stringValue()).isEqualTo("3");
        assertThat(error.get("exception_type").stringValue()).isEqualTo("my.Error");
        assertThat(error.get("exception_message").stringValue()).startsWith("at /opt/comfyui: tensor([1.0])");
        assertThat(Json.text(error.get("executed"))).isEqualTo("[\"1\"]");
    }

    @Test
    void blocksTheNodesBelowAndSucceeds() {
        fault("{\"kind\":\"execution_blocked\",\"node\":\"1\",\"message\":\"not today\"}");
        JsonNode graph = fresh();
        try (EventSocket socket = connect("blocked")) {
            String id = submitAs("blocked", graph, newId());

            JsonNode error = socket.untilType("execution_error").get("data");
            List<JsonNode> rest = socket.untilEnd();

            assertThat(error.get("node_id").stringValue()).isEqualTo("3");
            assertThat(error.get("exception_type").stringValue()).isEqualTo("ExecutionBlocked");
            assertThat(error.get("exception_message").stringValue()).isEqualTo("Execution Blocked: not today");
            assertThat(error.has("timestamp")).isFalse();
            assertThat(EventSocket.types(rest)).containsExactly("execution_success", "status", "executing");
            assertThat(history(id).at("/status/completed").booleanValue()).isTrue();
            assertThat(history(id).get("outputs")).isEmpty();
        }
        assertThat(run(graph).at("/outputs/3/images")).as("not cached").hasSize(1);
    }

    @Test
    void hangsUntilItIsClearedWhateverInterruptsSay() {
        String fault = fault("{\"kind\":\"hang\",\"node\":\"1\"}");
        try (EventSocket socket = connect("hanging")) {
            String id = submitAs("hanging", fresh(), newId());
            socket.untilType("executing");

            interrupt(id);
            JsonNode running = queue();
            clear(fault);

            assertThat(running.at("/queue_running/0/1").stringValue()).isEqualTo(id);
            socket.untilEnd();
            assertThat(lastMessage(history(id)).get(0).stringValue()).isEqualTo("execution_interrupted");
        }
    }

    @Test
    void losesTheThreadThatRunsPrompts() {
        fault("{\"kind\":\"worker_death\"}");
        try (EventSocket socket = connect("dying")) {
            String dead = submitAs("dying", fresh(), newId());
            socket.untilType("executing");
            String waiting = submitAs("dying", fresh(), newId());

            assertThat(queue().at("/queue_running/0/1").stringValue()).isEqualTo(dead);
            assertThat(queue().at("/queue_pending/0/1").stringValue()).isEqualTo(waiting);
            assertThat(get("/system_stats").has("system")).isTrue();
        }
        // Only a restart helps.
        fault("{\"kind\":\"crash\",\"down_ms\":50}");
        awaitAnswer();
        assertThat(run(fresh()).at("/status/status_str").stringValue()).isEqualTo("success");
    }

    @Test
    void keepsTheFinalEventToItself() {
        fault("{\"kind\":\"no_final_event\"}");
        try (EventSocket socket = connect("unfinished")) {
            String first = submitAs("unfinished", fresh(), newId());
            String second = submitAs("unfinished", fresh(), newId());

            List<JsonNode> heard = socket.untilEnd();

            assertThat(heard.getLast().at("/data/prompt_id").stringValue()).isEqualTo(second);
            assertThat(EventSocket.types(heard)).contains("execution_success");
            assertThat(history(first).at("/status/completed").booleanValue()).isTrue();
        }
    }

    @Test
    void showsTheHistoryEntryLongAfterTheSuccess() {
        String fault = fault("{\"kind\":\"late_history\"}");
        try (EventSocket socket = connect("late")) {
            String id = submitAs("late", fresh(), newId());
            socket.untilType("execution_success");

            assertThat(history(id).isMissingNode()).isTrue();
            assertThat(queue().at("/queue_running/0/1").stringValue()).isEqualTo(id);
            clear(fault);

            socket.untilEnd();
            assertThat(history(id).has("outputs")).isTrue();
        }
    }

    @Test
    void showsTheHistoryEntryEvenAfterTheFinalEvent() {
        String fault = fault("{\"kind\":\"late_history\",\"final_event\":\"before\"}");
        try (EventSocket socket = connect("later")) {
            String id = submitAs("later", fresh(), newId());
            socket.untilEnd();

            assertThat(history(id).isMissingNode()).isTrue();
            assertThat(queue().get("queue_running")).isEmpty();
            clear(fault);

            assertThat(history(id).has("outputs")).isTrue();
        }
    }

    @Test
    void showsTheHistoryEntryAfterAWhile() {
        fault("{\"kind\":\"late_history\",\"final_event\":\"before\",\"delay_ms\":1}");
        try (EventSocket socket = connect("after-a-while")) {
            String id = submitAs("after-a-while", fresh(), newId());
            socket.untilEnd();

            await().until(() -> history(id).has("outputs"));
        }
    }

    @Test
    void forgetsWhatBecameOfAPrompt() {
        fault("{\"kind\":\"no_history\"}");

        assertThat(run(fresh()).isMissingNode()).isTrue();
    }

    @Test
    void spoilsOutputs() {
        fault("{\"kind\":\"empty_output\"}");
        assertThat(viewed(run(fresh())).body()).isEmpty();

        fault("{\"kind\":\"truncated_output\",\"bytes\":20}");
        assertThat(viewed(run(fresh())).body()).hasSize(20);

        fault("{\"kind\":\"mislabelled_output\"}");
        HttpResponse<byte[]> html = viewed(run(fresh()));
        assertThat(new String(html.body(), StandardCharsets.UTF_8)).startsWith("<!DOCTYPE html>");
        assertThat(html.headers().firstValue("Content-Type")).contains("image/png");

        fault("{\"kind\":\"mislabelled_output\",\"as\":\"jpeg\"}");
        assertThat(viewed(run(fresh())).body()).startsWith((byte) 0xFF, (byte) 0xD8);
    }

    @Test
    void tellsOfFilesThatVanished() {
        JsonNode graph = fresh();
        assertThat(viewed(run(graph)).statusCode()).isEqualTo(200);
        fault("{\"kind\":\"vanished_output\"}");

        JsonNode cached = run(graph);

        assertThat(Json.text(cached.at("/status/messages/1/1/nodes"))).contains("\"3\"");
        assertThat(viewed(cached).statusCode()).isEqualTo(404);
    }

    @Test
    void noticesInterruptsLate() {
        fault("{\"kind\":\"interrupt_latency\",\"delay_ms\":300}");
        try (EventSocket socket = connect("slow-to-stop")) {
            String id = submitAs("slow-to-stop", chain(77, slow(10_000, 0.005, false)), newId());
            socket.untilType("progress");
            long asked = System.nanoTime();
            interrupt(id);

            socket.untilType("execution_interrupted");

            assertThat(Duration.ofNanos(System.nanoTime() - asked)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
        }
    }

    @Test
    void takesFaultsAlongWithAPrompt() {
        ObjectNode body = Json.object().put("client_id", "own");
        body.set("prompt", fresh());
        body.putObject("extra_data").set("simulator_fault", Json.parse("{\"kind\":\"out_of_memory\"}"));
        try (EventSocket socket = connect("own")) {
            String id =
                    Json.parse(post("/prompt", body).body()).get("prompt_id").stringValue();
            socket.untilEnd();

            assertThat(lastMessage(history(id)).at("/1/exception_type").stringValue())
                    .isEqualTo("torch.OutOfMemoryError");
        }
    }

    @Test
    void failsPromptsWhoseFaultIsNotUnderstood() {
        ObjectNode body = Json.object().put("client_id", "typo");
        body.set("prompt", fresh());
        body.putObject("extra_data").set("simulator_fault", Json.parse("{\"kind\":\"out_of_memories\"}"));
        try (EventSocket socket = connect("typo")) {
            String id =
                    Json.parse(post("/prompt", body).body()).get("prompt_id").stringValue();
            socket.untilEnd();

            assertThat(lastMessage(history(id)).at("/1/exception_type").stringValue())
                    .isEqualTo("SimulatorFaultError");
        }
    }
}
