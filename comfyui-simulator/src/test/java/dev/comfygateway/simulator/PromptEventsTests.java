package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.net.http.HttpRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class PromptEventsTests extends SimulatorTestSupport {

    private static List<JsonNode> normalized(Iterable<JsonNode> messages, String id) {
        List<JsonNode> result = new ArrayList<>();
        for (JsonNode message : messages) {
            String text = Json.text(message).replace(id, "ID").replaceAll("\"timestamp\":\\d+", "\"timestamp\":0");
            result.add(Json.parse(text));
        }
        return result;
    }

    @Test
    void sendsTheRecordedMessagesForAFreshACachedAndARenamedPrompt() {
        try (EventSocket socket = connect("recorded")) {
            for (JsonNode recorded : resource("success-and-cached.json")) {
                String id = submit(recorded.at("/body/prompt"), "recorded")
                        .get("prompt_id")
                        .stringValue();
                String recordedId = recorded.at("/events/2/data/prompt_id").stringValue();

                List<JsonNode> heard = socket.untilEnd();

                assertThat(normalized(heard, id)).isEqualTo(normalized(recorded.get("events"), recordedId));
                assertThat(get("/history/" + id)
                                .at("/" + id + "/status/completed")
                                .booleanValue())
                        .isTrue();
            }
        }
    }

    @Test
    void tellsOnlyTheStatusToOtherClients() {
        try (EventSocket mine = connect("mine");
                EventSocket other = connect("other")) {
            submit(chain(11, slow(1, 0.0, false)), "mine");
            mine.untilEnd();

            for (int i = 0; i < 3; i++) {
                assertThat(EventSocket.type(other.next())).isEqualTo("status");
            }
        }
    }

    @Test
    void reportsAFailedNodeAndKeepsItInTheHistory() {
        try (EventSocket socket = connect("failing")) {
            String fail = "{\"class_type\":\"ProbeFail\",\"inputs\":{\"image\":[\"1\",0],\"kind\":\"oom_torch\"}}";
            String id = submit(chain(12, fail), "failing").get("prompt_id").stringValue();

            List<JsonNode> heard = socket.untilEnd();

            assertThat(EventSocket.types(heard))
                    .containsExactly(
                            "status",
                            "status",
                            "execution_start",
                            "execution_cached",
                            "executing",
                            "executing",
                            "execution_error",
                            "status",
                            "executing");
            JsonNode entry = get("/history/" + id).path(id);
            assertThat(entry.at("/status/status_str").stringValue()).isEqualTo("error");
            JsonNode error = entry.at("/status/messages/2/1");
            assertThat(error.get("exception_type").stringValue()).isEqualTo("torch.OutOfMemoryError");
            assertThat(error.get("exception_message").stringValue())
                    .startsWith("CUDA out of memory. Tried to allocate 20.00 GiB (simulated)\nThis error means");
            assertThat(Json.text(error.get("executed"))).isEqualTo("[\"1\"]");
        }
    }

    @Test
    void interruptsOnlyTheNamedPromptAtItsNextStep() {
        try (EventSocket socket = connect("stopping")) {
            String id = submit(chain(13, slow(1000, 0.01, false)), "stopping")
                    .get("prompt_id")
                    .stringValue();
            socket.untilType("progress");
            post("/interrupt", Json.object().put("prompt_id", UUID.randomUUID().toString()));
            socket.untilType("progress");

            assertThat(post("/interrupt", Json.object().put("prompt_id", id)).statusCode())
                    .isEqualTo(200);

            JsonNode stopped = socket.untilType("execution_interrupted");
            assertThat(stopped.at("/data/node_id").stringValue()).isEqualTo("2");
            assertThat(EventSocket.types(socket.untilEnd())).containsExactly("status", "executing");
            assertThat(get("/api/jobs/" + id).get("status").stringValue()).isEqualTo("cancelled");
        }
    }

    @Test
    void deletesAWaitingPromptWithoutAnEventOrAHistoryEntry() {
        try (EventSocket socket = connect("deleting")) {
            String running = submit(chain(14, slow(1000, 0.01, false)), "deleting")
                    .get("prompt_id")
                    .stringValue();
            socket.untilType("progress");
            String waiting = submit(chain(15, slow(1, 0.01, false)), "deleting")
                    .get("prompt_id")
                    .stringValue();
            assertThat(get("/queue").at("/queue_pending/0/1").stringValue()).isEqualTo(waiting);

            ObjectNode delete = Json.object();
            delete.putArray("delete").add(waiting).add(running);
            post("/queue", delete);

            assertThat(get("/prompt").at("/exec_info/queue_remaining").intValue())
                    .isEqualTo(1);
            assertThat(get("/history/" + waiting).isEmpty()).isTrue();
            send(request("/interrupt").POST(HttpRequest.BodyPublishers.noBody()));
            socket.untilEnd();
        }
    }

    @Test
    void describesPreviewsToClientsThatAskedForIt() {
        try (EventSocket socket = connect("preview")) {
            socket.send("{\"type\":\"feature_flags\",\"data\":{\"supports_preview_metadata\":true}}");
            assertThat(socket.untilType("feature_flags")
                            .at("/data/max_upload_size")
                            .intValue())
                    .isEqualTo(104857600);
            submit(chain(16, slow(1, 0.0, true)), "preview");

            socket.untilEnd();

            assertThat(socket.frames).isNotEmpty();
            assertThat(socket.frames.getFirst().getInt(0)).isEqualTo(4);
        }
    }

    @Test
    void runsPromptsByPriority() {
        try (EventSocket socket = connect("order")) {
            submit(chain(17, slow(30, 0.01, false)), "order");
            socket.untilType("progress");
            ObjectNode later = Json.object().put("client_id", "order").put("number", 1e6);
            later.set("prompt", chain(18, slow(1, 0.0, false)));
            ObjectNode front = Json.object().put("client_id", "order").put("front", true);
            front.set("prompt", chain(19, slow(1, 0.0, false)));
            String last =
                    Json.parse(post("/prompt", later).body()).get("prompt_id").stringValue();
            String first =
                    Json.parse(post("/prompt", front).body()).get("prompt_id").stringValue();
            socket.untilEnd();

            assertThat(socket.untilType("execution_start").at("/data/prompt_id").stringValue())
                    .isEqualTo(first);
            assertThat(socket.untilType("execution_start").at("/data/prompt_id").stringValue())
                    .isEqualTo(last);
            socket.untilEnd();
        }
    }
}
