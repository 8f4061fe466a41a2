package dev.comfygateway.storage;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.contract.asset.UploadRequest.UploadFile;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.OutcomeContext;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.testing.Proves;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.http.MediaType;
import org.springframework.http.client.MultipartBodyBuilder;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.kafka.test.utils.KafkaTestUtils;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;

/** The whole service over real Postgres, Kafka and S3. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient(timeout = "30s")
@EmbeddedKafka(
        partitions = 1,
        topics = {Topics.JOBS_COMPLETED, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX},
        bootstrapServersProperty = "spring.kafka.bootstrap-servers")
class StorageServiceTests {

    private static final byte[] PNG = png(200_000);
    private static final int CLOSED = -1;

    private static final S3Process s3 = S3Process.start();
    private static final EmbeddedPostgres postgres = startPostgres();

    private final HttpClient http = HttpClient.newHttpClient();

    @Autowired
    private WebTestClient web;

    @BeforeEach
    void readLargeAnswers() {
        web = web.mutate()
                .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(4 * 1024 * 1024))
                .build();
    }

    @Autowired
    private InternalTokens tokens;

    @Autowired
    private KafkaTemplate<String, byte[]> kafka;

    @Autowired
    private EmbeddedKafkaBroker broker;

    @Autowired
    private EventCodec codec;

    @DynamicPropertySource
    static void settings(DynamicPropertyRegistry registry) {
        registry.add(
                "DATABASE_URL", () -> "postgresql://postgres:postgres@localhost:" + postgres.getPort() + "/postgres");
        registry.add("spring.r2dbc.url", () -> "r2dbc:postgresql://localhost:" + postgres.getPort() + "/postgres");
        registry.add("spring.flyway.url", () -> "jdbc:postgresql://localhost:" + postgres.getPort() + "/postgres");
        registry.add("INTERNAL_TOKEN_SECRET", () -> "a-secret-for-tests-only");
        registry.add("S3_ENDPOINT", s3::endpoint);
        // Another name of the same server, so that a link's audience shows.
        registry.add("S3_PUBLIC_ENDPOINT", () -> s3.endpoint().replace("127.0.0.1", "localhost"));
        registry.add("S3_ACCESS_KEY", () -> S3Process.ACCESS_KEY);
        registry.add("S3_SECRET_KEY", () -> S3Process.SECRET_KEY);
        registry.add("MAX_UPLOAD_SIZE", () -> "1MB");
        registry.add("MAX_BASE64_SIZE", () -> "500KB");
    }

    @AfterAll
    static void stop() throws IOException {
        s3.close();
        postgres.close();
    }

    @Test
    @Proves({"S0-65", "S2-8"})
    void givesBackWhatWasUploadedThroughThePresignedLink() throws Exception {
        JsonNode asset = upload(user("acme"), "portrait.png", PNG);

        assertThat(asset.path("filename").asString()).isEqualTo("portrait.png");
        assertThat(asset.path("contentType").asString()).isEqualTo("image/png");
        assertThat(asset.path("size").asLong()).isEqualTo(PNG.length);
        assertThat(asset.path("sha256").asString()).isEqualTo(sha256(PNG));
        String url = asset.path("url").asString();
        assertThat(url)
                .startsWith(s3.endpoint().replace("127.0.0.1", "localhost") + "/" + S3Process.BUCKET + "/assets/");
        HttpResponse<byte[]> got = get(url);
        assertThat(got.statusCode()).isEqualTo(200);
        assertThat(got.body()).isEqualTo(PNG);
        assertThat(got.headers().firstValue("content-disposition"))
                .hasValue("inline; filename=\"portrait.png\"; filename*=UTF-8''portrait.png");
    }

    @Test
    void takesAFormWithItsFileAndKeepsUnicodeNames() {
        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("note", "ignored");
        form.part("file", new ByteArrayResource(PNG)).filename("Größe 猫 \u202Egnp.exe.png");
        JsonNode asset = requireNonNull(web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isCreated()
                .expectHeader()
                .valueMatches("Location", "/v1/assets/as_[0-9a-f]{32}")
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
        assertThat(asset.path("filename").asString()).isEqualTo("Größe 猫 gnp.exe.png");

        web.get()
                .uri(asset.path("contentUrl").asString())
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .valueEquals(
                        "Content-Disposition",
                        "inline; filename=\"Gr__e _ gnp.exe.png\";"
                                + " filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E7%8C%AB%20gnp.exe.png");
    }

    @Test
    void takesAFilenameHeaderInUtf8() {
        assertThat(upload(user("acme"), "%E7%8C%AB.png", PNG).path("filename").asString())
                .isEqualTo("猫.png");
    }

    @Test
    void needsAFilePartInAForm() {
        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("other", "x");
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("VALIDATION_ERROR");
    }

    @Test
    void refusesEmptyAndTooLargeUploads() {
        uploadFails("acme", new byte[0], 400, "VALIDATION_ERROR");
        uploadFails("acme", new byte[1024 * 1024 + 1], 413, "UPLOAD_TOO_LARGE");

        MultipartBodyBuilder form = new MultipartBodyBuilder();
        form.part("file", new ByteArrayResource(new byte[1024 * 1024 + 1])).filename("big.bin");
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .bodyValue(form.build())
                .exchange()
                .expectStatus()
                .isEqualTo(413)
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("UPLOAD_TOO_LARGE");
    }

    @Test
    void hidesAssetsFromOtherTenantsButNotFromAdmins() {
        String path = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG));
        for (String uri : List.of(path, path + "/content", path + "/content?format=base64")) {
            read(uri, user("other"))
                    .expectStatus()
                    .isNotFound()
                    .expectBody()
                    .jsonPath("$.code")
                    .isEqualTo("ASSET_NOT_FOUND");
        }
        web.delete()
                .uri(path)
                .headers(headers -> headers.setBearerAuth(user("other")))
                .exchange()
                .expectStatus()
                .isNotFound();
        read(path, token(Caller.user("root", "ops", Role.ADMIN))).expectStatus().isOk();
        read(path, token(Caller.worker("w1"))).expectStatus().isForbidden();
        read(path, "nonsense").expectStatus().isUnauthorized();
    }

    @Test
    void deletesAnAssetWithItsBytes() throws Exception {
        JsonNode asset = upload(user("acme"), "a.png", PNG);
        String path = "/v1/assets/" + id(asset);
        web.delete()
                .uri(path)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isNoContent();
        read(path, user("acme")).expectStatus().isNotFound();
        assertThat(get(asset.path("url").asString()).statusCode()).isEqualTo(404);
    }

    @Test
    @Proves("S0-16")
    void streamsContentWithRangesAndConditions() {
        String uri = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG)) + "/content";
        byte[] whole = read(uri, user("acme"))
                .expectStatus()
                .isOk()
                .expectHeader()
                .valueEquals("ETag", "\"" + sha256(PNG) + "\"")
                .expectHeader()
                .valueEquals("X-Content-Type-Options", "nosniff")
                .expectHeader()
                .contentType(MediaType.IMAGE_PNG)
                .expectHeader()
                .contentLength(PNG.length)
                .expectBody()
                .returnResult()
                .getResponseBodyContent();
        assertThat(whole).isEqualTo(PNG);

        assertThat(range(uri, "bytes=10-19", "bytes 10-19/" + PNG.length)).isEqualTo(slice(10, 20));
        assertThat(range(uri, "bytes=199990-", "bytes 199990-199999/200000")).isEqualTo(slice(199_990, 200_000));
        assertThat(range(uri, "bytes=-5", "bytes 199995-199999/200000")).isEqualTo(slice(199_995, 200_000));
        web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("Range", "bytes=200000-")
                .exchange()
                .expectStatus()
                .isEqualTo(416)
                .expectHeader()
                .valueEquals("Content-Range", "bytes */200000");
        web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("If-None-Match", "\"" + sha256(PNG) + "\"")
                .exchange()
                .expectStatus()
                .isNotModified();
        web.head()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .exchange()
                .expectStatus()
                .isOk()
                .expectHeader()
                .contentLength(PNG.length);
    }

    @Test
    @Proves("S0-16")
    void givesSmallContentAsBase64() {
        String uri = "/v1/assets/" + id(upload(user("acme"), "a.png", PNG)) + "/content?format=base64";
        read(uri, user("acme"))
                .expectStatus()
                .isOk()
                .expectBody()
                .jsonPath("$.filename")
                .isEqualTo("a.png")
                .jsonPath("$.contentType")
                .isEqualTo("image/png")
                .jsonPath("$.size")
                .isEqualTo(PNG.length)
                .jsonPath("$.data")
                .isEqualTo(Base64.getEncoder().encodeToString(PNG));

        String large = "/v1/assets/" + id(upload(user("acme"), "b.png", png(600_000))) + "/content?format=base64";
        read(large, user("acme")).expectStatus().isEqualTo(413);
    }

    @Test
    void sendsWhatCouldRunScriptsAsAttachment() {
        byte[] svg = "<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".getBytes(StandardCharsets.UTF_8);
        String uri = "/v1/assets/" + id(upload(user("acme"), "x.png", svg)) + "/content";
        read(uri, user("acme"))
                .expectHeader()
                .contentType("image/svg+xml")
                .expectHeader()
                .valueMatches("Content-Disposition", "attachment; .*");
    }

    @Test
    @Proves("S2-6")
    void verifiesWhatAWorkerPuts() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "ComfyUI_00001_.png", PNG);
        assertThat(URI.create(target.url()).getPath())
                .isEqualTo("/" + S3Process.BUCKET + "/jobs/" + job.id + "/" + job.attempt + "/0_ComfyUI_00001_.png");
        assertThat(target.headers())
                .containsEntry("Content-Type", "image/png")
                .containsEntry("If-None-Match", "*")
                .containsKey("x-amz-checksum-sha256");
        read("/v1/assets/" + target.assetId(), user("acme")).expectStatus().isNotFound();
        // Nothing is there yet.
        complete(job, target).expectStatus().isEqualTo(502);

        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        for (int i = 0; i < 2; i++) {
            AssetList list = requireNonNull(complete(job, target)
                    .expectStatus()
                    .isOk()
                    .expectBody(AssetList.class)
                    .returnResult()
                    .getResponseBody());
            assertThat(list.assets()).hasSize(1);
            assertThat(list.assets().getFirst().assetId()).isEqualTo(target.assetId());
            assertThat(list.assets().getFirst().tenant()).isEqualTo("acme");
        }
        LinkAnswer links = links("acme", List.of(target.assetId(), Ids.newAssetId()), LinkRequest.PUBLIC);
        assertThat(links.links()).containsOnlyKeys(target.assetId());
        assertThat(get(String.valueOf(links.links().get(target.assetId()))).body())
                .isEqualTo(PNG);
        assertThat(links("other", List.of(target.assetId()), LinkRequest.PUBLIC).links())
                .isEmpty();
        assertThat(links("acme", List.of(target.assetId()), LinkRequest.INTERNAL)
                        .links()
                        .get(target.assetId()))
                .startsWith(s3.endpoint());
    }

    @Test
    void signsLengthTypeChecksumAndConditionIntoThePut() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        byte[] other = png(PNG.length).clone();
        other[500]++;

        assertThat(target.url()).contains("X-Amz-Expires=300");
        assertThat(target.url())
                .contains("X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost%3Bif-none-match"
                        + "%3Bx-amz-checksum-sha256");
        String tampered = target.url().substring(0, target.url().length() - 4) + "0000";
        assertThat(put(tampered, target.headers(), PNG)).isIn(403, CLOSED);
        assertThat(put(target.url().replace("0_a.png", "1_a.png"), target.headers(), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), with(target.headers(), "Content-Type", "text/html"), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), with(target.headers(), "If-None-Match", "\"x\""), PNG))
                .isIn(403, CLOSED);
        assertThat(put(target.url(), target.headers(), slice(0, 1000))).isIn(403, CLOSED);
        assertThat(put(
                        target.url(),
                        with(
                                target.headers(),
                                "x-amz-checksum-sha256",
                                Base64.getEncoder()
                                        .encodeToString(HexFormat.of().parseHex(sha256(other)))),
                        other))
                .isIn(403, CLOSED);

        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(412);
    }

    @Test
    void refusesWrongBytesAtCompletionAndTakesTheRightOnesAfterwards() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        byte[] other = PNG.clone();
        other[500]++;
        // Stands for a store that does not compare checksums: the bytes get there by the administrator's key.
        S3Admin.put(s3.endpoint(), "jobs/" + job.id + "/" + job.attempt + "/0_a.png", other);

        complete(job, target)
                .expectStatus()
                .is5xxServerError()
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo("OUTPUT_INVALID");
        read("/v1/assets/" + target.assetId(), user("acme")).expectStatus().isNotFound();

        UploadTarget again = announce(job, 0, "a.png", PNG);
        assertThat(again.assetId()).isEqualTo(target.assetId());
        assertThat(put(again.url(), again.headers(), PNG)).isEqualTo(200);
        complete(job, again).expectStatus().isOk();
    }

    @Test
    void keepsATicketToItsAttemptAndTenant() throws Exception {
        Job job = new Job("acme");
        UploadTarget target = announce(job, 0, "a.png", PNG);
        assertThat(put(target.url(), target.headers(), PNG)).isEqualTo(200);
        complete(new Job("acme"), target).expectStatus().isNotFound();
        complete(new Job("other"), target).expectStatus().isNotFound();

        String input = id(upload(user("acme"), "in.png", PNG));
        String link = "/internal/ticket-assets/" + input + "/link";
        JsonNode answer = requireNonNull(read(link, job.ticket())
                .expectStatus()
                .isOk()
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
        assertThat(answer.path("url").asString()).startsWith(s3.endpoint());
        assertThat(get(answer.path("url").asString()).body()).isEqualTo(PNG);
        read(link, new Job("other").ticket()).expectStatus().isNotFound();
        read(link, user("acme")).expectStatus().isForbidden();
        read("/internal/assets?tenant=acme&ids=" + input, job.ticket())
                .expectStatus()
                .isForbidden();
    }

    @Test
    void refusesImpossibleAnnouncements() {
        Job job = new Job("acme");
        UploadRequest request = new UploadRequest(List.of(new UploadFile(-1, "a", "nonsense", 0, "XYZ")));
        post("/internal/uploads", job.ticket(), request)
                .expectStatus()
                .isBadRequest()
                .expectBody()
                .jsonPath("$.errors.length()")
                .isEqualTo(4);
    }

    @Test
    void resolvesAssetsOfATenantInOrder() {
        String first = id(upload(user("acme"), "1.png", PNG));
        String second = id(upload(user("acme"), "2.png", PNG));
        String foreign = id(upload(user("other"), "3.png", PNG));
        AssetList list = requireNonNull(read(
                        "/internal/assets?tenant=acme&ids=" + second + "," + foreign + "," + first,
                        token(Caller.service("job-service")))
                .expectStatus()
                .isOk()
                .expectBody(AssetList.class)
                .returnResult()
                .getResponseBody());
        assertThat(list.assets()).extracting(asset -> asset.assetId()).containsExactly(second, first);
    }

    @Test
    void discardsTheOutputsOfAttemptsThatDidNotWin() throws Exception {
        Job winner = new Job("acme");
        Job loser = winner.nextAttempt();
        UploadTarget kept = stored(winner, PNG);
        UploadTarget lost = stored(loser, PNG);
        String lostUrl = url(lost);

        JobOutcome outcome =
                new JobEvent.JobSucceeded(winner.id, 3, Instant.now(), winner.attempt, List.of(), context("acme"));
        publish(outcome);
        publish(outcome);

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get(lostUrl).statusCode()).isEqualTo(404));
        read("/v1/assets/" + lost.assetId(), user("acme")).expectStatus().isNotFound();
        read("/v1/assets/" + kept.assetId(), user("acme")).expectStatus().isOk();
        complete(loser, lost).expectStatus().isForbidden();
        complete(winner, kept).expectStatus().isOk();
        post("/internal/uploads", loser.ticket(), request(1, "late.png", PNG))
                .expectStatus()
                .isForbidden();
    }

    @Test
    void discardsAllOutputsOfAJobWithoutResultAndPutsAsideWhatIsNoEvent() throws Exception {
        Job job = new Job("acme");
        UploadTarget lost = stored(job, PNG);
        String lostUrl = url(lost);

        kafka.send(new ProducerRecord<>(Topics.JOBS_COMPLETED, job.id, "garbage".getBytes(StandardCharsets.UTF_8)))
                .get();
        publish(new JobEvent.JobCanceled(job.id, 4, Instant.now(), context("acme")));

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get(lostUrl).statusCode()).isEqualTo(404));
        Map<String, Object> settings = KafkaTestUtils.consumerProps(broker, "test", true);
        try (Consumer<String, byte[]> consumer = new DefaultKafkaConsumerFactory<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer())
                .createConsumer()) {
            broker.consumeFromAnEmbeddedTopic(consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX);
            assertThat(KafkaTestUtils.getSingleRecord(
                                    consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX, Duration.ofSeconds(20))
                            .value())
                    .isEqualTo("garbage".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void isHealthyWhileTheBucketAnswers() {
        web.get().uri("/actuator/health").exchange().expectStatus().isOk();
        web.get().uri("/actuator/health/readiness").exchange().expectStatus().isOk();
    }

    private UploadTarget stored(Job job, byte[] bytes) throws Exception {
        UploadTarget target = announce(job, 0, "a.png", bytes);
        assertThat(put(target.url(), target.headers(), bytes)).isEqualTo(200);
        complete(job, target).expectStatus().isOk();
        return target;
    }

    private String url(UploadTarget target) {
        return String.valueOf(links("acme", List.of(target.assetId()), LinkRequest.INTERNAL)
                .links()
                .get(target.assetId()));
    }

    private void publish(JobOutcome outcome) throws Exception {
        kafka.send(codec.toRecord(
                        Topics.JOBS_COMPLETED,
                        new EventEnvelope<>(
                                outcome.jobId() + ":" + outcome.seq(),
                                EventCatalog.typeOf(outcome),
                                "/job-service",
                                outcome.jobId(),
                                outcome.at(),
                                "acme",
                                null,
                                outcome)))
                .get();
    }

    private static OutcomeContext context(String tenant) {
        return new OutcomeContext(tenant, null, Map.of(), null, new JobTiming(Instant.now(), null, null, null), 1);
    }

    /** One attempt of one job. */
    private final class Job {
        private final String id;
        private final String attempt = Ids.newAttemptId();
        private final String tenant;

        private Job(String tenant) {
            this(tenant, Ids.newJobId());
        }

        private Job(String tenant, String id) {
            this.tenant = tenant;
            this.id = id;
        }

        private Job nextAttempt() {
            return new Job(tenant, id);
        }

        private String ticket() {
            return token(new Caller("w1", tenant, Role.TICKET, id, attempt));
        }
    }

    private static UploadRequest request(int index, String name, byte[] bytes) {
        return new UploadRequest(List.of(new UploadFile(index, name, "image/png", bytes.length, sha256(bytes))));
    }

    private UploadTarget announce(Job job, int index, String name, byte[] bytes) {
        UploadAnswer answer = requireNonNull(post("/internal/uploads", job.ticket(), request(index, name, bytes))
                .expectStatus()
                .isOk()
                .expectBody(UploadAnswer.class)
                .returnResult()
                .getResponseBody());
        return answer.targets().getFirst();
    }

    private WebTestClient.ResponseSpec complete(Job job, UploadTarget target) {
        return post("/internal/uploads/complete", job.ticket(), new UploadCompletion(List.of(target.assetId())));
    }

    private LinkAnswer links(String tenant, List<String> ids, String audience) {
        LinkAnswer answer = requireNonNull(post(
                        "/internal/links",
                        token(Caller.service("job-service")),
                        new LinkRequest(tenant, ids, audience, null))
                .expectStatus()
                .isOk()
                .expectBody(LinkAnswer.class)
                .returnResult()
                .getResponseBody());
        return answer;
    }

    private WebTestClient.ResponseSpec post(String uri, String token, Object body) {
        return web.post()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(token))
                .bodyValue(body)
                .exchange();
    }

    private WebTestClient.ResponseSpec read(String uri, String token) {
        return web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(token))
                .exchange();
    }

    private byte @Nullable [] range(String uri, String range, String contentRange) {
        return web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(user("acme")))
                .header("Range", range)
                .exchange()
                .expectStatus()
                .isEqualTo(206)
                .expectHeader()
                .valueEquals("Content-Range", contentRange)
                .expectBody()
                .returnResult()
                .getResponseBodyContent();
    }

    private JsonNode upload(String token, String filename, byte[] bytes) {
        JsonNode asset = requireNonNull(web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(token))
                .header("X-Filename", filename)
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .bodyValue(bytes)
                .exchange()
                .expectStatus()
                .isCreated()
                .expectBody(JsonNode.class)
                .returnResult()
                .getResponseBody());
        return asset;
    }

    private void uploadFails(String tenant, byte[] bytes, int status, String code) {
        web.post()
                .uri("/v1/assets")
                .headers(headers -> headers.setBearerAuth(user(tenant)))
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .bodyValue(bytes)
                .exchange()
                .expectStatus()
                .isEqualTo(status)
                .expectBody()
                .jsonPath("$.code")
                .isEqualTo(code);
    }

    private HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
    }

    private int put(String url, Map<String, String> headers, byte[] bytes) throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).PUT(HttpRequest.BodyPublishers.ofByteArray(bytes));
        headers.forEach(request::header);
        // A connection of its own: the server closes those on which it refused a body it had not read.
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request.build(), BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            // The server refuses by the headers alone and closes before it has read the body.
            return CLOSED;
        }
    }

    private static Map<String, String> with(Map<String, String> headers, String name, String value) {
        Map<String, String> changed = new java.util.HashMap<>(headers);
        changed.put(name, value);
        return changed;
    }

    private String user(String tenant) {
        return token(Caller.user("key-of-" + tenant, tenant, Role.USER));
    }

    private String token(Caller caller) {
        return tokens.issue(caller, Duration.ofMinutes(1));
    }

    private static String id(JsonNode asset) {
        return asset.path("assetId").asString();
    }

    private static byte[] slice(int from, int to) {
        return java.util.Arrays.copyOfRange(PNG, from, to);
    }

    /** The signature of PNG, then bytes that repeat from run to run. */
    private static byte[] png(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        byte[] magic = {(byte) 0x89, 'P', 'N', 'G', 0x0d, 0x0a, 0x1a, 0x0a};
        System.arraycopy(magic, 0, bytes, 0, magic.length);
        return bytes;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
