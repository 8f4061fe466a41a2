package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ServerFaultsTests extends FaultTestSupport {

    @Test
    void crashesAndStartsAgainWithNothingInMind() {
        JsonNode graph = Json.parse("""
                {"1":{"class_type":"EmptyImage","inputs":{"width":8,"height":8,"batch_size":1,"color":5}},
                 "2":{"class_type":"PreviewImage","inputs":{"images":["1",0]}}}""");
        JsonNode picture = run(graph).at("/outputs/2/images/0");
        EventSocket socket = connect("survivor");
        String running = submitAs("survivor", chain(41, slow(10_000, 0.005, false)), newId());
        String waiting = submitAs("survivor", fresh(), newId());
        socket.untilType("progress");

        fault("{\"kind\":\"crash\",\"down_ms\":300}");

        assertThat(socket.awaitEnd()).as("no farewell").isEqualTo("drop");
        assertThatThrownBy(() -> CLIENT.send(request("/prompt").build(), HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
        awaitAnswer();
        assertThat(get("/history").isEmpty()).isTrue();
        assertThat(queue().get("queue_running")).isEmpty();
        assertThat(queue().get("queue_pending")).isEmpty();
        assertThat(history(running).isMissingNode()).isTrue();
        assertThat(history(waiting).isMissingNode()).isTrue();
        assertThat(send(request("/view?type=temp&filename="
                                + picture.get("filename").stringValue()))
                        .statusCode())
                .isEqualTo(404);
        try (EventSocket again = connect("survivor")) {
            JsonNode answer = submit(graph, "survivor");
            assertThat(answer.get("number").intValue())
                    .as("numbers go backwards")
                    .isZero();
            var heard = again.untilEnd();
            assertThat(EventSocket.types(heard))
                    .as("nothing of the old prompt, and nothing cached")
                    .containsExactly(
                            "status",
                            "status",
                            "execution_start",
                            "execution_cached",
                            "executing",
                            "executing",
                            "executed",
                            "execution_success",
                            "status",
                            "executing");
        }
    }

    @Test
    void crashesInTheMiddleOfAPrompt() {
        fault("{\"kind\":\"crash\",\"at\":\"executed\",\"down_ms\":50}");
        EventSocket socket = connect("in-the-middle");
        String id = submitAs("in-the-middle", fresh(), newId());

        assertThat(socket.awaitEnd()).isEqualTo("drop");
        awaitAnswer();

        assertThat(history(id).isMissingNode()).isTrue();
        assertThat(get("/prompt").at("/exec_info/queue_remaining").intValue()).isZero();
        assertThat(run(fresh()).at("/status/completed").booleanValue()).isTrue();
    }

    @Test
    void isNotReadyForAWhileAfterACrash() {
        fault("{\"kind\":\"crash\",\"down_ms\":50,\"warm_up_ms\":400}");

        await().ignoreExceptions()
                .pollInterval(java.time.Duration.ofMillis(10))
                .until(() -> CLIENT.send(request("/prompt").build(), HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 503);
        awaitAnswer();
    }

    @Test
    void isNotReadyUntilItIsCleared() {
        String fault = fault("{\"kind\":\"not_ready\",\"for_ms\":60000}");
        assertThat(send(request("/object_info")).statusCode()).isEqualTo(503);

        clear(fault);

        assertThat(send(request("/prompt")).statusCode()).isEqualTo(200);
    }

    @Test
    void dropsSocketsAtOnceWhileHttpGoesOn() {
        EventSocket one = connect("one");
        EventSocket other = connect("other");

        fault("{\"kind\":\"drop_sockets\"}");

        assertThat(one.awaitEnd()).isEqualTo("drop");
        assertThat(other.awaitEnd()).isEqualTo("drop");
        assertThat(send(request("/prompt")).statusCode()).isEqualTo(200);
    }

    @Test
    void dropsSocketsInsteadOfAMessageAndThePromptGoesOn() {
        fault("{\"kind\":\"drop_sockets\",\"at\":\"executed\"}");
        EventSocket socket = connect("dropped");
        String id = submitAs("dropped", fresh(), newId());

        assertThat(socket.awaitEnd()).isEqualTo("drop");
        await().until(() -> history(id).has("outputs"));
    }

    @Test
    void stallsAllSocketsWhilePromptsGoOn() {
        try (EventSocket socket = connect("stalled")) {
            String fault = fault("{\"kind\":\"stalled_sockets\"}");
            String id = submitAs("stalled", fresh(), newId());
            await().until(() -> history(id).has("outputs"));
            assertThat(socket.hasMessages()).isFalse();

            clear(fault);

            assertThat(EventSocket.types(socket.untilEnd())).contains("execution_start", "execution_success");
        }
    }

    @Test
    void numbersPromptsFromWhereItIsTold() {
        fault("{\"kind\":\"number_reset\",\"number\":3}");

        assertThat(submit(fresh(), "counted").get("number").intValue()).isEqualTo(3);
    }
}
