package dev.comfygateway.storage;

import static java.util.Objects.requireNonNull;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.webtestclient.autoconfigure.AutoConfigureWebTestClient;
import org.springframework.http.MediaType;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.web.reactive.server.WebTestClient;
import tools.jackson.databind.JsonNode;

/** The whole service over real Postgres, Kafka and S3, which are started once and end with the JVM. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@AutoConfigureWebTestClient(timeout = "30s")
@EmbeddedKafka(
        partitions = 1,
        topics = {Topics.JOBS_COMPLETED, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX},
        bootstrapServersProperty = "spring.kafka.bootstrap-servers")
abstract class RunningStorageService {

    static final S3Process s3 = S3Process.start();

    private static final EmbeddedPostgres postgres = startPostgres();

    private final HttpClient http = HttpClient.newHttpClient();

    @Autowired
    WebTestClient web;

    @Autowired
    private InternalTokens tokens;

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

    @BeforeEach
    void readLargeAnswers() {
        web = web.mutate()
                .codecs(codecs -> codecs.defaultCodecs().maxInMemorySize(4 * 1024 * 1024))
                .build();
    }

    JsonNode upload(String token, String filename, byte[] bytes) {
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

    WebTestClient.ResponseSpec read(String uri, String token) {
        return web.get()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(token))
                .exchange();
    }

    WebTestClient.ResponseSpec post(String uri, String token, Object body) {
        return web.post()
                .uri(uri)
                .headers(headers -> headers.setBearerAuth(token))
                .bodyValue(body)
                .exchange();
    }

    HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofByteArray());
    }

    String user(String tenant) {
        return token(Caller.user("key-of-" + tenant, tenant, Role.USER));
    }

    String token(Caller caller) {
        return tokens.issue(caller, Duration.ofMinutes(1));
    }

    static String id(JsonNode asset) {
        return asset.path("assetId").asString();
    }

    private static EmbeddedPostgres startPostgres() {
        try {
            return EmbeddedPostgres.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
