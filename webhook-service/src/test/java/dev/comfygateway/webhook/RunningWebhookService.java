package dev.comfygateway.webhook;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.webhook.Receiver.Received;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service against a real broker, a real database and real receivers, all of which end with the JVM. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "logging.level.kafka=warn",
            "logging.level.org.apache.kafka=warn",
            "comfy.edge.internal-secret=" + RunningWebhookService.INTERNAL_SECRET,
            "comfy.webhook.signing.secret=" + RunningWebhookService.WEBHOOK_SECRET,
            "comfy.webhook.target.allow-private-addresses=true",
            "comfy.webhook.delivery.timeout=500ms",
            "comfy.webhook.delivery.retry-delays=20ms,40ms,80ms",
            "comfy.webhook.delivery.poll=50ms",
            "comfy.webhook.delivery.lease=5s",
            "comfy.webhook.links.public-url=https://images.example/",
            "spring.kafka.bootstrap-servers=${spring.embedded.kafka.brokers}"
        })
@EmbeddedKafka(
        partitions = 1,
        topics = {Topics.JOBS_COMPLETED, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX})
abstract class RunningWebhookService {

    static final String INTERNAL_SECRET = "an internal secret for tests";

    static final String WEBHOOK_SECRET = "a webhook secret for tests";

    static final Receiver RECEIVER = new Receiver();

    static final Receiver STORAGE = new Receiver();

    static final EmbeddedPostgres POSTGRES = startPostgres();

    private final EventCodec codec = new EventCodec();

    final JsonMapper json = new JsonMapper();

    @LocalServerPort
    int port;

    @Autowired
    KafkaTemplate<String, byte[]> kafka;

    @DynamicPropertySource
    static void addresses(DynamicPropertyRegistry registry) {
        databaseSettings("postgres").forEach((name, value) -> registry.add(name, () -> value));
        registry.add("comfy.webhook.links.storage-url", () -> STORAGE.url(""));
        STORAGE.script("/internal/links", (exchange, n) -> answerLinks(exchange));
    }

    static Map<String, String> databaseSettings(String database) {
        String address = "postgresql://localhost:" + POSTGRES.getPort() + "/" + database;
        return Map.of(
                "spring.r2dbc.url",
                "r2dbc:" + address,
                "spring.r2dbc.username",
                "postgres",
                "spring.flyway.url",
                "jdbc:" + address,
                "spring.flyway.user",
                "postgres");
    }

    /** A success whose webhook goes to this path of the receiver. */
    static JobOutcome succeeded(String path) {
        return Outcomes.succeeded(RECEIVER.url(path));
    }

    /** A failure whose webhook goes to this path of the receiver. */
    static JobOutcome failed(String path) {
        return Outcomes.failed(RECEIVER.url(path));
    }

    void publish(JobOutcome outcome) {
        kafka.send(codec.toRecord(Topics.JOBS_COMPLETED, Outcomes.envelope(outcome)))
                .join();
    }

    JsonNode awaitState(JobOutcome outcome, String state) {
        return await().atMost(30, TimeUnit.SECONDS)
                .until(
                        () -> deliveries(outcome, "acme").path(0),
                        delivery -> delivery.path("state").asString("").equals(state));
    }

    JsonNode deliveries(JobOutcome outcome, String tenant) {
        byte[] body = client(Caller.user("key", tenant, Role.USER))
                .get()
                .uri("/v1/jobs/{id}/webhooks", outcome.jobId())
                .exchange()
                .expectStatus()
                .isOk()
                .expectBody()
                .returnResult()
                .getResponseBody();
        return json.readTree(Objects.requireNonNull(body)).path("deliveries");
    }

    WebTestClient client(Caller caller) {
        String token = new InternalTokens(INTERNAL_SECRET, Clock.systemUTC()).issue(caller, Duration.ofMinutes(1));
        return WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .defaultHeader("Authorization", "Bearer " + token)
                .build();
    }

    static @Nullable Received first(String path) {
        List<Received> requests = RECEIVER.received(path);
        return requests.isEmpty() ? null : requests.getFirst();
    }

    static void answerLinks(HttpExchange exchange) throws IOException {
        byte[] answer = """
                {"links":{"as_1":"https://s3.example/as_1?signed"},"expiresAt":"2026-01-03T03:04:05Z"}""".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
