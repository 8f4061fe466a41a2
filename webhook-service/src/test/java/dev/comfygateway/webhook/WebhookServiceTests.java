package dev.comfygateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent.JobFailed;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobSucceeded;
import dev.comfygateway.contract.job.JobEvent.OutcomeContext;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.webhook.Receiver.Received;
import dev.comfygateway.webhook.delivery.Deliveries;
import dev.comfygateway.webhook.delivery.Delivery;
import dev.comfygateway.webhook.delivery.DeliveryState;
import dev.comfygateway.webhook.outcome.RecordOutcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.kafka.test.utils.KafkaTestUtils;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service against a real broker, a real database and real receivers. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "logging.level.kafka=warn",
            "logging.level.org.apache.kafka=warn",
            "comfy.edge.internal-secret=" + WebhookServiceTests.INTERNAL_SECRET,
            "comfy.webhook.signing.secret=" + WebhookServiceTests.WEBHOOK_SECRET,
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
@ExtendWith(OutputCaptureExtension.class)
class WebhookServiceTests {

    static final String INTERNAL_SECRET = "an internal secret for tests";
    static final String WEBHOOK_SECRET = "a webhook secret for tests";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final EmbeddedPostgres POSTGRES = startPostgres();
    private static final Receiver RECEIVER = new Receiver();
    private static final Receiver STORAGE = new Receiver();

    private final EventCodec codec = new EventCodec();
    private final JsonMapper json = new JsonMapper();

    @LocalServerPort
    private int port;

    @Autowired
    private KafkaTemplate<String, byte[]> kafka;

    @Autowired
    private EmbeddedKafkaBroker broker;

    @Autowired
    private MeterRegistry meters;

    @DynamicPropertySource
    static void addresses(DynamicPropertyRegistry registry) {
        databaseSettings("postgres").forEach((name, value) -> registry.add(name, () -> value));
        registry.add("comfy.webhook.links.storage-url", () -> STORAGE.url(""));
        STORAGE.script("/internal/links", (exchange, n) -> answerLinks(exchange));
    }

    private static Map<String, String> databaseSettings(String database) {
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

    @AfterAll
    static void close() {
        // The database ends with the JVM: the cached context still uses it.
        RECEIVER.close();
        STORAGE.close();
    }

    @Test
    @Proves({"S0-53", "S0-54"})
    void deliversASignedWebhook() throws Exception {
        JobOutcome outcome = succeeded("/signed");
        publish(outcome);

        Received request = await().until(() -> first("/signed"), Objects::nonNull);

        JsonNode body = json.readTree(request.body());
        assertThat(body.path("event").asString()).isEqualTo("job.succeeded");
        assertThat(body.path("id").asString()).isEqualTo(id(outcome));
        assertThat(body.path("jobId").asString()).isEqualTo(outcome.jobId());
        assertThat(body.path("status").asString()).isEqualTo("succeeded");
        assertThat(body.path("workflowId").asString()).isEqualTo("demo");
        assertThat(body.path("error").isNull()).isTrue();
        assertThat(body.path("metadata").path("order").asInt()).isEqualTo(7);
        JsonNode output = body.path("result").path("outputs").path(0);
        assertThat(output.path("filename").asString()).isEqualTo("cat_00001.png");
        assertThat(output.path("url").asString()).isEqualTo("https://s3.example/as_1?signed");
        assertThat(output.path("contentUrl").asString()).isEqualTo("https://images.example/v1/assets/as_1/content");
        assertThat(output.path("sha256").asString()).isEqualTo("00ff");
        assertThat(request.header("X-Webhook-Id")).isEqualTo(id(outcome));
        assertThat(request.header("X-Webhook-Attempt")).isEqualTo("1");
        assertThat(request.header("X-Webhook-Event")).isEqualTo("job.succeeded");
        assertThat(request.header("X-Webhook-Timestamp")).matches("[0-9]{10}");
        assertThat(request.header("Content-Type")).isEqualTo("application/json");
        assertThat(request.header("traceparent")).contains(TRACE);
        assertThat(request.header("X-Signature")).isEqualTo("sha256=" + hmac(request.body()));
        awaitState(outcome, "delivered");
    }

    @Test
    @Proves("S0-53")
    void tellsAboutAFailure() {
        JobOutcome outcome = failed("/failure");
        publish(outcome);

        JsonNode body = json.readTree(
                await().until(() -> first("/failure"), Objects::nonNull).body());

        assertThat(body.path("event").asString()).isEqualTo("job.failed");
        assertThat(body.path("error").path("code").asString()).isEqualTo("COMFYUI_OOM");
        assertThat(body.path("error").path("retryable").asBoolean()).isFalse();
        assertThat(body.path("result").path("outputs").isEmpty()).isTrue();
    }

    @Test
    void goesWithoutLinksWhenStorageIsAway() {
        STORAGE.script("/internal/links", STORAGE.silent());
        try {
            publish(succeeded("/no-links"));

            JsonNode output = json.readTree(await().until(() -> first("/no-links"), Objects::nonNull)
                            .body())
                    .path("result")
                    .path("outputs")
                    .path(0);
            assertThat(output.path("url").isNull()).isTrue();
            assertThat(output.path("contentUrl").asString()).endsWith("/v1/assets/as_1/content");
        } finally {
            STORAGE.script("/internal/links", (exchange, n) -> answerLinks(exchange));
        }
    }

    @Test
    @Proves("S0-55")
    void triesAgainWithTheSameIdAndBytes() {
        RECEIVER.script("/flaky", Receiver.statuses(500, 302, 200));
        JobOutcome outcome = failed("/flaky");
        publish(outcome);

        awaitState(outcome, "delivered");

        List<Received> requests = RECEIVER.received("/flaky");
        assertThat(requests).extracting(r -> r.header("X-Webhook-Attempt")).containsExactly("1", "2", "3");
        assertThat(requests).extracting(r -> r.header("X-Webhook-Id")).containsOnly(id(outcome));
        assertThat(requests.stream().map(r -> new String(r.body(), StandardCharsets.UTF_8)))
                .hasSize(3)
                .containsOnly(new String(requests.getFirst().body(), StandardCharsets.UTF_8));
    }

    @Test
    @Proves({"S0-55", "S0-56"})
    void givesUpAfterFourTriesAndSendsAgainOnRequest(CapturedOutput output) {
        RECEIVER.script("/broken", Receiver.statuses(500));
        JobOutcome outcome = failed("/broken");
        publish(outcome);

        JsonNode delivery = awaitState(outcome, "failed");

        assertThat(RECEIVER.received("/broken")).hasSize(4);
        assertThat(delivery.path("attempts").asInt()).isEqualTo(4);
        assertThat(delivery.path("lastStatus").asInt()).isEqualTo(500);
        assertThat(delivery.path("lastError").asString()).isEqualTo("STATUS 500");
        assertThat(output).contains("WEBHOOK_DELIVERY_FAILED webhook " + id(outcome) + " attempt 4 of 4");
        assertThat(meters.get(MetricNames.WEBHOOK_DELIVERY)
                        .tag("outcome", "status")
                        .timer()
                        .count())
                .isGreaterThanOrEqualTo(4);

        RECEIVER.script("/broken", Receiver.statuses(200));
        client(Caller.user("key", "other", Role.USER))
                .post()
                .uri("/v1/webhooks/{id}/redeliver", id(outcome))
                .exchange()
                .expectStatus()
                .isNotFound();
        client(Caller.user("key", "acme", Role.USER))
                .post()
                .uri("/v1/webhooks/{id}/redeliver", id(outcome))
                .exchange()
                .expectStatus()
                .isAccepted();
        awaitState(outcome, "delivered");
        assertThat(RECEIVER.received("/broken")).hasSize(5);
    }

    @Test
    @Proves({"S0-55", "S0-56", "X-12"})
    void endsATryThatTakesTooLong(CapturedOutput output) {
        RECEIVER.script("/silent", RECEIVER.silent());
        JobOutcome outcome = failed("/silent");
        publish(outcome);

        JsonNode delivery = awaitState(outcome, "failed");

        assertThat(delivery.path("lastError").asString()).startsWith("TIMEOUT");
        assertThat(delivery.path("attempts").asInt()).isEqualTo(4);
        assertThat(output).contains("WEBHOOK_DELIVERY_FAILED webhook " + id(outcome));
    }

    @Test
    void sendsARepeatedOutcomeOnce() {
        JobOutcome outcome = failed("/repeated");
        publish(outcome);
        publish(outcome);
        JobOutcome next = failed("/after-repeated");
        publish(next);

        awaitState(next, "delivered");
        awaitState(outcome, "delivered");

        assertThat(RECEIVER.received("/repeated")).hasSize(1);
        assertThat(deliveries(outcome, "acme").size()).isEqualTo(1);
    }

    @Test
    void putsAnUndecodableRecordAsideAndGoesOn() {
        kafka.send(Topics.JOBS_COMPLETED, "j_bad", "not an event".getBytes(StandardCharsets.UTF_8))
                .join();
        JobOutcome next = failed("/after-bad");
        publish(next);

        awaitState(next, "delivered");

        Map<String, Object> settings = KafkaTestUtils.consumerProps(broker, "dlt-reader", false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (Consumer<String, byte[]> consumer = new DefaultKafkaConsumerFactory<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer())
                .createConsumer()) {
            consumer.subscribe(List.of(Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX));
            ConsumerRecord<String, byte[]> dead = KafkaTestUtils.getSingleRecord(
                    consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX, Duration.ofSeconds(20));
            assertThat(dead.value()).asString(StandardCharsets.UTF_8).isEqualTo("not an event");
            assertThat(dead.headers().lastHeader("kafka_dlt-exception-message")).isNotNull();
        }
    }

    @Test
    void showsDeliveriesToTheirTenantOnly() {
        JobOutcome outcome = failed("/shown");
        publish(outcome);
        awaitState(outcome, "delivered");

        assertThat(deliveries(outcome, "other").size()).isZero();
        client(Caller.worker("w1"))
                .get()
                .uri("/v1/jobs/{id}/webhooks", outcome.jobId())
                .exchange()
                .expectStatus()
                .isForbidden();
        WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .build()
                .get()
                .uri("/v1/jobs/{id}/webhooks", outcome.jobId())
                .exchange()
                .expectStatus()
                .isUnauthorized();
    }

    @Test
    void picksPendingDeliveriesUpAfterARestart() throws SQLException {
        try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database restarted");
        }
        RECEIVER.script("/restart", Receiver.statuses(503, 200));
        JobOutcome outcome = failed("/restart");

        try (ConfigurableApplicationContext before = startOther()) {
            before.getBean(RecordOutcome.class).handle(envelope(outcome)).block(Duration.ofSeconds(10));
            await().until(() -> RECEIVER.received("/restart").size() == 1);
        }
        assertThat(RECEIVER.received("/restart")).hasSize(1);
        try (ConfigurableApplicationContext after = startOther()) {
            await().until(
                            () -> after.getBean(Deliveries.class)
                                    .find(id(outcome))
                                    .map(Delivery::state)
                                    .block(Duration.ofSeconds(10)),
                            state -> state == DeliveryState.DELIVERED);
        }

        assertThat(RECEIVER.received("/restart"))
                .extracting(request -> request.header("X-Webhook-Attempt"))
                .containsExactly("1", "2");
    }

    /** A process of its own on a database of its own, so that nobody else sends what it leaves. */
    private static ConfigurableApplicationContext startOther() {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.kafka.listener.auto-startup=false",
                "--comfy.edge.internal-secret=" + INTERNAL_SECRET,
                "--comfy.webhook.target.allow-private-addresses=true",
                "--comfy.webhook.delivery.retry-delays=1500ms"));
        databaseSettings("restarted").forEach((name, value) -> arguments.add("--" + name + "=" + value));
        return new SpringApplicationBuilder(WebhookServiceApplication.class).run(arguments.toArray(String[]::new));
    }

    private JsonNode awaitState(JobOutcome outcome, String state) {
        return await().atMost(30, TimeUnit.SECONDS)
                .until(
                        () -> deliveries(outcome, "acme").path(0),
                        delivery -> delivery.path("state").asString("").equals(state));
    }

    private JsonNode deliveries(JobOutcome outcome, String tenant) {
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

    private WebTestClient client(Caller caller) {
        String token = new InternalTokens(INTERNAL_SECRET, Clock.systemUTC()).issue(caller, Duration.ofMinutes(1));
        return WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .defaultHeader("Authorization", "Bearer " + token)
                .build();
    }

    private void publish(JobOutcome outcome) {
        kafka.send(codec.toRecord(Topics.JOBS_COMPLETED, envelope(outcome))).join();
    }

    private static EventEnvelope<JobOutcome> envelope(JobOutcome outcome) {
        return new EventEnvelope<>(
                id(outcome),
                EventCatalog.typeOf(outcome),
                "/job-service",
                outcome.jobId(),
                outcome.at(),
                "acme",
                "00-" + TRACE + "-00f067aa0ba902b7-01",
                outcome);
    }

    private static String id(JobOutcome outcome) {
        return outcome.jobId() + ":" + outcome.seq();
    }

    private static @Nullable Received first(String path) {
        List<Received> requests = RECEIVER.received(path);
        return requests.isEmpty() ? null : requests.getFirst();
    }

    private static JobOutcome succeeded(String path) {
        JobOutput output =
                new JobOutput("as_1", 0, "cat_00001.png", "image/png", 512, "00ff", "image", "9", false, false);
        return new JobSucceeded(
                Ids.newJobId(), 3, Instant.parse("2026-01-02T03:04:05Z"), "at_1", List.of(output), context(path));
    }

    private static JobOutcome failed(String path) {
        Failure failure = Failure.of(ErrorCode.COMFYUI_OOM, FailureCategory.OUT_OF_MEMORY, "Out of memory");
        return new JobFailed(Ids.newJobId(), 3, Instant.parse("2026-01-02T03:04:05Z"), failure, context(path));
    }

    private static OutcomeContext context(String path) {
        Instant created = Instant.parse("2026-01-02T03:04:00Z");
        return new OutcomeContext(
                "acme",
                "demo",
                Map.of("order", 7),
                RECEIVER.url(path),
                new JobTiming(created, created, created, 1200L),
                1);
    }

    private static void answerLinks(HttpExchange exchange) throws IOException {
        byte[] answer = """
                {"links":{"as_1":"https://s3.example/as_1?signed"},"expiresAt":"2026-01-03T03:04:05Z"}""".getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
    }

    private static String hmac(byte[] body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(WEBHOOK_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
