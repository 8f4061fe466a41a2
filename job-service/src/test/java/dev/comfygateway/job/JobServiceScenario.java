package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.EntityExchangeResult;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The whole service over a real database and a real broker, and the words in which its tests are told. Each test has a
 * pool of its own.
 */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "comfy.edge.internal-secret=a-secret-for-these-tests",
            "comfy.job.lease.settling=0s",
            "comfy.job.lease.cancel-grace=3s",
            "comfy.job.lease.overtime=1s",
            "comfy.job.retry.larger-pools=small:large",
            "comfy.job.submission.callback-domains=hooks.example.com,*.example.org",
            "comfy.job.storage.url=http://localhost:1"
        })
@ContextConfiguration(classes = EmbeddedServers.class)
abstract class JobServiceScenario {

    static final Executor EACH_ITS_OWN_THREAD = Executors.newVirtualThreadPerTaskExecutor();

    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final int MOST_POOLS = 200;

    @LocalServerPort
    int port;

    @Autowired
    InternalTokens tokens;

    @Autowired
    KafkaTemplate<String, byte[]> kafka;

    @Autowired
    ServerAddresses servers;

    @Autowired
    EventCodec codec;

    @Autowired
    DatabaseClient database;

    @Autowired
    JsonMapper json;

    final String tenant = "t" + UUID.randomUUID();
    final String pool = anotherPool();
    final String worker = "w-" + pool;
    long n;

    @DynamicPropertySource
    static void pools(DynamicPropertyRegistry registry) {
        List<String> pools = new ArrayList<>(List.of("default", "small", "large"));
        for (int i = 1; i <= MOST_POOLS; i++) {
            pools.add("p" + i);
        }
        registry.add("comfy.job.submission.pools", () -> String.join(",", pools));
    }

    String graph(String more) {
        return "{\"workflow\":{\"1\":{\"class_type\":\"X\",\"inputs\":{}}},\"pool\":\"" + pool + "\"" + more + "}";
    }

    Caller user() {
        return Caller.user("key", tenant, Role.USER);
    }

    JsonNode submit(String body, @Nullable String key, int status) {
        return call("POST", "/v1/jobs", user(), body, key, status);
    }

    JsonNode get(String path, int status) {
        return call("GET", path, user(), null, null, status);
    }

    String cancel(String id) {
        return call("POST", "/v1/jobs/" + id + "/cancel", user(), null, null, 200)
                .at("/status")
                .asString();
    }

    ClaimAnswer claim(String claimId) {
        return claim(pool, claimId);
    }

    ClaimAnswer claim(String ofPool, String claimId) {
        return claim(port, ofPool, claimId);
    }

    ClaimAnswer claim(int replica, String ofPool, String claimId) {
        String body = json.writeValueAsString(
                new ClaimRequest(pool + claimId, worker, "i1", ofPool, null, null, List.of(), null));
        EntityExchangeResult<byte[]> result =
                exchange(replica, "POST", "/internal/claims", Caller.worker(worker), body, null);
        return json.treeToValue(read(result, "claim", 200), ClaimAnswer.class);
    }

    static Grant granted(ClaimAnswer answer) {
        Grant grant = answer.grant();
        return Objects.requireNonNull(grant, () -> "Nothing granted: " + answer.reason());
    }

    LeaseAnswer renew(String instance, List<String> attempts) {
        String body = json.writeValueAsString(new LeaseRenewal(worker, instance, pool, attempts));
        return json.treeToValue(
                call("POST", "/internal/leases", Caller.worker(worker), body, null, 200), LeaseAnswer.class);
    }

    JsonNode call(String method, String path, Caller caller, @Nullable String body, @Nullable String key, int status) {
        return read(exchange(method, path, caller, body, key), method + " " + path, status);
    }

    private JsonNode read(EntityExchangeResult<byte[]> result, String what, int status) {
        byte[] answer = result.getResponseBody();
        assertThat(result.getStatus().value())
                .as(() -> what + ": " + (answer == null ? "" : new String(answer, StandardCharsets.UTF_8)))
                .isEqualTo(status);
        return json.readTree(answer == null ? new byte[0] : answer);
    }

    EntityExchangeResult<byte[]> exchange(
            String method, String path, Caller caller, @Nullable String body, @Nullable String key) {
        return exchange(port, method, path, caller, body, key);
    }

    private EntityExchangeResult<byte[]> exchange(
            int replica, String method, String path, Caller caller, @Nullable String body, @Nullable String key) {
        WebTestClient client = WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + replica)
                .responseTimeout(Duration.ofSeconds(20))
                .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(16 * 1024 * 1024))
                .build();
        WebTestClient.RequestBodySpec request = client.method(HttpMethod.valueOf(method))
                .uri(path)
                .headers(headers -> {
                    headers.setBearerAuth(tokens.issue(caller, Duration.ofMinutes(1)));
                    if (key != null) {
                        headers.set("Idempotency-Key", key);
                    }
                });
        if (body != null) {
            request.contentType(MediaType.APPLICATION_JSON).bodyValue(body);
        }
        return request.exchange().expectBody().returnResult();
    }

    /** The types of a job's numbered events. */
    List<String> events(String id) {
        return get("/internal/jobs/" + id + "/events", 200).at("/events").findValuesAsString("type");
    }

    /** On a thread of its own: the common pool of a small machine has but one, and nothing would be at once. */
    static <T> CompletableFuture<T> atOnce(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, EACH_ITS_OWN_THREAD);
    }

    void update(String sql, String id) {
        database.sql(sql).bind("id", id).then().block();
    }

    static Failure failure(ErrorCode code, FailureCategory category) {
        return Failure.of(code, category, "as the test says");
    }

    static String id(JsonNode job) {
        return job.at("/jobId").asString();
    }

    AttemptRef ref(Grant grant) {
        return new AttemptRef(grant.jobId(), grant.attemptId(), grant.number(), worker);
    }

    static JobOutput output() {
        return new JobOutput(Ids.newAssetId(), 0, "a.png", "image/png", 3, "00", "image", "9", false, false);
    }

    void report(AttemptReport report) {
        send(Topics.JOBS_PROGRESS, report.attempt().jobId(), report);
    }

    <T extends dev.comfygateway.contract.event.EventData> void send(String topic, String key, T data) {
        kafka.send(codec.toRecord(
                        topic,
                        new EventEnvelope<>(
                                UUID.randomUUID().toString(),
                                EventCatalog.typeOf(data),
                                "/test",
                                key,
                                Instant.now(),
                                null,
                                null,
                                data)))
                .join();
    }

    /** A pool that no other test uses. */
    static String anotherPool() {
        return "p" + POOLS.incrementAndGet();
    }

    void awaitStatus(String id, String status) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                get("/v1/jobs/" + id, 200).at("/status").asString())
                        .isEqualTo(status));
    }

    /** Waits until everything reported so far has been applied: a job in each partition succeeds after it. */
    void barrier() {
        Map<Integer, Boolean> covered = new HashMap<>();
        List<String> ids = new ArrayList<>();
        while (covered.size() < Topics.JOB_PARTITIONS) {
            String id = id(submit(graph(",\"priority\":\"high\""), null, 202));
            Grant grant = granted(claim(UUID.randomUUID().toString()));
            assertThat(grant.jobId()).isEqualTo(id);
            covered.put(dev.comfygateway.job.report.ReportPositions.partitionOf(id), true);
            report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1));
            ids.add(id);
        }
        ids.forEach(id -> awaitStatus(id, "succeeded"));
    }

    void read(String topic, int partitions, java.util.function.Predicate<ConsumerRecord<String, byte[]>> enough) {
        Map<String, Object> settings = Map.of("bootstrap.servers", servers.brokers());
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < partitions; i++) {
                all.add(new TopicPartition(topic, i));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long end = System.nanoTime() + Duration.ofSeconds(25).toNanos();
            while (System.nanoTime() < end) {
                for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(200))) {
                    if (enough.test(message)) {
                        return;
                    }
                }
            }
        }
        throw new AssertionError("Not seen in time on " + topic);
    }
}
