package dev.comfygateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Proves;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The event stream and waiting submissions, over a real broker. */
class JobEventsTests {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static FakeService job;
    private static Gateway gateway;
    private Story story = new Story();

    @BeforeAll
    static void start() {
        job = new FakeService();
        gateway = new Gateway(job, job, "comfy.gateway.stream.heartbeat=1s");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        job.close();
    }

    @BeforeEach
    void newStory() {
        story = new Story();
    }

    @Test
    void tellsWhatWasThenWhatHappensWithoutRepeats() {
        job.event(story.submitted());
        Gateway.Events events = gateway.events(story.jobId, Map.of());
        assertThat(events.response.statusCode()).isEqualTo(200);
        assertThat(events.response.headers().firstValue("content-type").orElseThrow())
                .startsWith("text/event-stream");
        Awaitility.await().until(() -> events.ids().equals(List.of("1")));

        story.live(story.submitted());
        job.event(story.started(2, 1));
        story.live(story.started(2, 1));
        story.live(story.started(2, 1));
        story.live(story.nodeStarted(1, 1, "3"));
        story.live(story.progress(1, 2, 0.25));
        Awaitility.await().until(() -> !events.named("progress").isEmpty());
        job.event(story.succeeded(3));
        story.live(story.succeeded(3));
        Awaitility.await().until(() -> events.completed);

        assertThat(events.ids()).containsExactly("1", "2", "3");
        assertThat(events.all.stream()
                        .map(Gateway.Events.Event::name)
                        .filter(name -> !name.equals(":") && !name.equals("retry")))
                .containsExactly("queued", "running", "node", "progress", "end");
        assertThat(Integer.parseInt(events.named("retry").getFirst().data())).isBetween(1000, 3000);
        JsonNode progress = JSON.readTree(events.named("progress").getFirst().data());
        assertThat(progress.path("percent").asInt()).isEqualTo(25);
        JsonNode end = JSON.readTree(events.named("end").getFirst().data());
        assertThat(end.path("status").asString()).isEqualTo("succeeded");
        assertThat(end.path("outputs").get(0).path("contentUrl").asString()).isEqualTo("/v1/assets/as_1/content");
        assertThat(end.path("error").isNull()).isTrue();
        assertThat(end.path("timing").path("executionTimeMs").asInt()).isEqualTo(5);
    }

    @Test
    void endsAStreamOfAJobThatHasEndedAndAnswers204AfterTheEnd() {
        job.event(story.submitted());
        job.event(story.started(2, 1));
        job.event(story.failed(3));
        Gateway.Events events = gateway.events(story.jobId, Map.of("Last-Event-ID", "1"));
        Awaitility.await().until(() -> events.completed);
        assertThat(events.ids()).containsExactly("2", "3");
        assertThat(JSON.readTree(events.named("end").getFirst().data())
                        .path("error")
                        .path("code")
                        .asString())
                .isEqualTo("COMFYUI_NODE_ERROR");
        assertThat(gateway.get("/v1/jobs/" + story.jobId + "/events?lastEventId=3")
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    @Proves("X-11")
    void continuesOnAnotherReplica() {
        job.event(story.submitted());
        job.event(story.started(2, 1));
        Gateway.Events first = gateway.events(story.jobId, Map.of());
        Awaitility.await().until(() -> first.ids().equals(List.of("1", "2")));
        try (Gateway other = new Gateway(job, job)) {
            Gateway.Events second = other.events(story.jobId, Map.of("Last-Event-ID", "2"));
            story.live(story.progress(1, 1, 0.5));
            Awaitility.await().until(() -> !second.named("progress").isEmpty());
            job.event(story.succeeded(3));
            story.live(story.succeeded(3));
            Awaitility.await().until(() -> second.completed && first.completed);
            assertThat(second.ids()).containsExactly("3");
            assertThat(first.ids()).containsExactly("1", "2", "3");
        }
    }

    @Test
    void completesOpenStreamsWhenItStops() {
        job.event(story.submitted());
        Gateway stopping = new Gateway(job, job, "server.shutdown=graceful");
        Gateway.Events events = stopping.events(story.jobId, Map.of());
        Awaitility.await().until(() -> events.ids().equals(List.of("1")));
        stopping.context.close();
        Awaitility.await().until(() -> events.completed);
        stopping.close();
    }

    @Test
    void dropsProgressOfASupersededAttempt() {
        job.event(story.submitted());
        job.event(story.started(2, 1));
        job.event(story.requeued(3, 1));
        job.event(story.started(4, 2));
        Gateway.Events events = gateway.events(story.jobId, Map.of());
        story.live(story.progress(1, 5, 0.9));
        story.live(story.nodeStarted(1, 6, "late"));
        story.live(story.progress(2, 1, 0.1));
        Awaitility.await().until(() -> !events.named("progress").isEmpty());
        assertThat(events.named("progress")).allMatch(event -> event.data().contains("\"attempt\":2"));
        assertThat(events.named("node")).isEmpty();
    }

    @Test
    void keepsReportsThatOvertookTheStartOfTheirAttempt() {
        job.event(story.submitted());
        Gateway.Events events = gateway.events(story.jobId, Map.of());
        story.live(story.nodeStarted(1, 1, "3"));
        job.event(story.started(2, 1));
        story.live(story.started(2, 1));
        Awaitility.await().until(() -> !events.named("node").isEmpty());
        assertThat(events.ids()).containsExactly("1", "2");
    }

    @Test
    void showsPreviewsToThoseWhoAskForThem() {
        job.event(story.submitted());
        job.event(story.started(2, 1));
        Gateway.Events watching = gateway.events(story.jobId, Map.of(), "?previews=true");
        Gateway.Events other = gateway.events(story.jobId, Map.of());
        Awaitility.await().until(() -> watching.ids().size() == 2 && other.ids().size() == 2);
        Awaitility.await()
                .until(() -> job.requests.stream()
                        .anyMatch(request -> request.method().equals("POST")
                                && request.target().equals("/internal/jobs/" + story.jobId + "/previews")));

        story.preview(1, "/9j/4A==");
        Awaitility.await().until(() -> !watching.named("preview").isEmpty());
        job.event(story.succeeded(3));
        story.live(story.succeeded(3));
        Awaitility.await().until(() -> watching.completed && other.completed);

        JsonNode preview = JSON.readTree(watching.named("preview").getFirst().data());
        assertThat(preview.path("image").asString()).isEqualTo("/9j/4A==");
        assertThat(preview.path("contentType").asString()).isEqualTo("image/jpeg");
        assertThat(preview.path("node").asString()).isEqualTo("3");
        assertThat(other.named("preview")).isEmpty();
    }

    @Test
    void readsAgainWhenANumberIsMissing() {
        job.event(story.submitted());
        Gateway.Events events = gateway.events(story.jobId, Map.of());
        job.event(story.started(2, 1));
        job.event(story.requeued(3, 1));
        story.live(story.requeued(3, 1));
        Awaitility.await().until(() -> events.ids().equals(List.of("1", "2", "3")));
    }

    @Test
    void beatsAndFindsAnEndWhoseRecordWasLost() {
        job.event(story.submitted());
        Gateway.Events events = gateway.events(story.jobId, Map.of());
        Awaitility.await()
                .until(() -> events.named(":").stream()
                        .anyMatch(event -> event.data().contains("heartbeat")));
        job.event(story.failed(2));
        Awaitility.await().until(() -> events.completed);
        assertThat(events.ids()).containsExactly("1", "2");
    }

    @Test
    void hidesForeignAndUnknownJobs() {
        for (String id : List.of(story.jobId, "not-an-id")) {
            HttpResponse<String> response = gateway.get("/v1/jobs/" + id + "/events");
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
            assertThat(JSON.readTree(response.body()).path("code").asString()).isEqualTo("JOB_NOT_FOUND");
        }
    }

    @Test
    void waitsForTheEndWhenAskedTo() {
        answerSubmissions("queued");
        job.event(story.submitted());
        Thread.ofVirtual().start(() -> {
            Awaitility.await()
                    .until(() -> job.requests.stream()
                            .anyMatch(request -> request.target().startsWith("/internal/jobs/" + story.jobId)));
            job.event(story.succeeded(2));
            story.live(story.succeeded(2));
        });
        HttpResponse<String> response = submit("respond-async, wait=15");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Preference-Applied")).contains("wait=15");
        assertThat(JSON.readTree(response.body()).path("status").asString()).isEqualTo("succeeded");
    }

    @Test
    void answersAsGivenWhenTheJobTakesLonger() {
        answerSubmissions("queued");
        job.event(story.submitted());
        HttpResponse<String> response = submit("wait=1");
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Location")).contains("/v1/jobs/" + story.jobId);
        assertThat(response.headers().firstValue("Preference-Applied")).isEmpty();
        assertThat(JSON.readTree(response.body()).path("status").asString()).isEqualTo("queued");
    }

    @Test
    void passesARefusalOnUnchanged() {
        job.behaviour = request ->
                new FakeService.Answer(400, "application/problem+json", "{\"code\":\"VALIDATION_ERROR\"}", Map.of());
        HttpResponse<String> response = submit("wait=5");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(response.body()).isEqualTo("{\"code\":\"VALIDATION_ERROR\"}");
    }

    private void answerSubmissions(String status) {
        job.behaviour = request -> request.method().equals("POST")
                ? new FakeService.Answer(
                        202, "application/json", view(status), Map.of("Location", "/v1/jobs/" + story.jobId))
                : FakeService.Answer.json(200, view("succeeded"));
    }

    private String view(String status) {
        return "{\"jobId\":\"" + story.jobId + "\",\"status\":\"" + status + "\"}";
    }

    private HttpResponse<String> submit(String prefer) {
        return gateway.send(gateway.request("/v1/jobs")
                .header("X-API-Key", Gateway.USER_KEY)
                .header("Content-Type", "application/json")
                .header("Prefer", prefer)
                .POST(HttpRequest.BodyPublishers.ofString("{\"workflowId\":\"demo\"}")));
    }
}
