package dev.comfygateway.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.edge.Role;
import dev.comfygateway.testing.Proves;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who comes in, where requests go, and what is public. */
class EdgeTests {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final InternalTokens TOKENS = new InternalTokens(Gateway.SECRET, Clock.systemUTC());
    private static FakeService job;
    private static FakeService storage;
    private static final String COMMIT = "518abb3c0ffee";

    private static Gateway gateway;

    @BeforeAll
    static void start() {
        job = new FakeService();
        storage = new FakeService();
        gateway = new Gateway(job, storage, "comfy.build.commit=" + COMMIT);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        job.close();
        storage.close();
    }

    @BeforeEach
    void forget() {
        job.requests.clear();
        storage.requests.clear();
        job.behaviour = request -> FakeService.Answer.json(200, "{\"jobs\":[]}");
    }

    @Test
    @Proves("S0-80")
    void refusesARequestWithoutAKey() {
        HttpResponse<String> response = gateway.send(gateway.request("/v1/jobs"));
        assertThat(response.statusCode()).isEqualTo(401);
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.path("error").asString()).isEqualTo("AUTH_FAILED");
        assertThat(problem.path("message").asString())
                .isEqualTo("Authentication required. Provide X-API-Key header or Authorization: Bearer token.");
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(problem.path("traceId").asString())
                .isEqualTo(response.headers().firstValue("X-Trace-Id").orElseThrow());
        assertThat(job.requests).isEmpty();
    }

    @Test
    @Proves({"S0-75", "S0-77"})
    void refusesAnUnknownKeyAndOneInAnotherCase() {
        for (String key : new String[] {"nobody", Gateway.USER_KEY.toUpperCase(Locale.ROOT)}) {
            HttpResponse<String> response =
                    gateway.send(gateway.request("/v1/jobs").header("X-API-Key", key));
            assertThat(response.statusCode()).isEqualTo(401);
            JsonNode problem = JSON.readTree(response.body());
            assertThat(problem.path("error").asString()).isEqualTo("AUTH_FAILED");
            assertThat(problem.path("message").asString()).isEqualTo("Invalid API key");
        }
    }

    @Test
    void refusesAnInternalTokenFromOutside() {
        String token = TOKENS.issue(Caller.service("job-service"), Duration.ofMinutes(1));
        HttpResponse<String> response =
                gateway.send(gateway.request("/v1/jobs").header("Authorization", "Bearer " + token));
        assertThat(response.statusCode()).isEqualTo(401);
    }

    @Test
    @Proves({"S0-31", "S0-75"})
    void tellsTheServiceWhoCallsAndNothingTheClientMadeUp() {
        String forged = TOKENS.issue(Caller.service("job-service"), Duration.ofMinutes(1));
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        HttpResponse<String> response = gateway.send(gateway.request("/v1/jobs?limit=3")
                .header("X-API-Key", Gateway.USER_KEY)
                .header("Authorization", "Bearer " + forged)
                .header("Cookie", "a=b")
                .header("X-Forwarded-For", "10.0.0.1")
                .header("traceparent", "00-" + trace + "-00f067aa0ba902b7-01"));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"jobs\":[]}");
        assertThat(response.headers().firstValue("X-Trace-Id")).contains(trace);
        assertThat(job.requests).hasSize(1);
        FakeService.Request seen = job.requests.getFirst();
        assertThat(seen.target()).isEqualTo("/v1/jobs?limit=3");
        assertThat(seen.headers()).doesNotContainKeys("x-api-key", "cookie", "x-forwarded-for");
        assertThat(seen.headers().get("traceparent")).contains(trace);
        Caller caller = TOKENS.verify(
                        seen.headers().getOrDefault("authorization", "").substring("Bearer ".length()))
                .orElseThrow();
        assertThat(caller.role()).isEqualTo(Role.USER);
        assertThat(caller.tenant()).isEqualTo("acme");
    }

    @Test
    @Proves("S0-31")
    void takesAKeyAsBearerTokenToo() {
        assertThat(gateway.send(gateway.request("/v1/jobs").header("Authorization", "Bearer " + Gateway.ADMIN_KEY))
                        .statusCode())
                .isEqualTo(200);
        Caller caller = TOKENS.verify(job.requests
                        .getFirst()
                        .headers()
                        .getOrDefault("authorization", "")
                        .substring("Bearer ".length()))
                .orElseThrow();
        assertThat(caller.role()).isEqualTo(Role.ADMIN);
        assertThat(caller.tenant()).matches("t_[0-9a-f]{12}");
    }

    @Test
    void neverRoutesInternalPaths() {
        for (String path : new String[] {"/internal/claims", "/internal/jobs/x/events?after=0"}) {
            HttpResponse<String> response = gateway.get(path);
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(JSON.readTree(response.body()).path("code").asString()).isEqualTo("NOT_FOUND");
        }
        assertThat(gateway.get("/v1/jobs/%2e%2e/%2e%2e/internal/claims").statusCode())
                .isEqualTo(400);
        assertThat(gateway.get("/v1/jobs/..%2f..%2finternal/claims").statusCode())
                .isEqualTo(400);
        assertThat(job.requests).isEmpty();
    }

    @Test
    void routesAssetsToStorageAndSubmissionsToJobs() {
        storage.behaviour = request -> FakeService.Answer.json(201, "{\"assetId\":\"as_1\"}");
        assertThat(gateway.send(gateway.request("/v1/assets")
                                .header("X-API-Key", Gateway.USER_KEY)
                                .header("X-Filename", "a.png")
                                .POST(HttpRequest.BodyPublishers.ofString("x".repeat(20_000_000))))
                        .statusCode())
                .isEqualTo(201);
        assertThat(storage.requests.getFirst().body()).hasSize(20_000_000);
        job.behaviour = request ->
                new FakeService.Answer(202, "application/json", "{\"jobId\":\"j\"}", Map.of("Location", "/v1/jobs/j"));
        HttpResponse<String> response = gateway.send(gateway.request("/v1/jobs")
                .header("X-API-Key", Gateway.USER_KEY)
                .POST(HttpRequest.BodyPublishers.ofString("{}")));
        assertThat(response.statusCode()).isEqualTo(202);
        assertThat(response.headers().firstValue("Location")).contains("/v1/jobs/j");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/workers",
                "GET /v1/workers/w-1",
                "POST /v1/workers/w-1/drain",
                "GET /v1/jobs/j_1/logs",
                "POST /v1/jobs:validate",
                "GET /v1/pools",
                "GET /v1/pools/default",
                "GET /v1/tenants/acme"
            })
    void routesToTheJobServiceWhatItKnows(String line) {
        String method = line.substring(0, line.indexOf(' '));
        String path = line.substring(line.indexOf(' ') + 1);
        HttpResponse<String> response = gateway.send(gateway.request(path)
                .header("X-API-Key", Gateway.USER_KEY)
                .method(method, HttpRequest.BodyPublishers.ofString("{}")));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(job.requests).singleElement().satisfies(seen -> {
            assertThat(seen.method()).isEqualTo(method);
            assertThat(seen.target()).isEqualTo(path);
        });
    }

    /** A client that sends its next request early must not find the connection deaf afterwards. */
    @Test
    void keepsReadingAConnectionOnWhichRequestsQueuedUp() throws IOException {
        int port = gateway.uri("/").getPort();
        String head = "Host: localhost\r\nX-API-Key: " + Gateway.USER_KEY + "\r\n\r\n";
        try (Socket socket = new Socket("localhost", port)) {
            socket.setSoTimeout(10_000);
            OutputStream out = socket.getOutputStream();
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            out.write(("GET /v1/jobs HTTP/1.1\r\n" + head + "GET /health HTTP/1.1\r\n" + head)
                    .getBytes(StandardCharsets.UTF_8));
            awaitAnswer(in);
            awaitAnswer(in);
            out.write(("GET /health HTTP/1.1\r\n" + head).getBytes(StandardCharsets.UTF_8));
            awaitAnswer(in);
        }
    }

    private static void awaitAnswer(BufferedReader in) throws IOException {
        String line = in.readLine();
        // A body without a line end stands before the next status line.
        while (line != null && !line.contains("HTTP/1.1 200")) {
            line = in.readLine();
        }
        assertThat(line).isNotNull();
    }

    @Test
    void answersForADeadService() {
        for (String path : new String[] {"/v1/jobs/j_1/webhooks", "/v1/webhooks/deliveries"}) {
            HttpResponse<String> response = gateway.get(path);
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
            assertThat(JSON.readTree(response.body()).path("code").asString()).isEqualTo("SERVICE_UNAVAILABLE");
        }
    }

    @Test
    @Proves("S0-1")
    void healthTellsWhetherAWorkerReachesItsComfyUi() {
        HttpResponse<String> before = gateway.send(gateway.request("/health"));
        assertThat(before.statusCode()).isEqualTo(200);
        assertThat(JSON.readTree(before.body()).path("ok").asBoolean()).isFalse();
        assertThat(JSON.readTree(before.body())
                        .path("comfyui")
                        .path("reachable")
                        .asBoolean())
                .isFalse();

        heartbeat("w-1", WorkerState.IDLE);
        Awaitility.await().untilAsserted(() -> {
            JsonNode health =
                    JSON.readTree(gateway.send(gateway.request("/health")).body());
            assertThat(health.path("ok").asBoolean()).as(health.toString()).isTrue();
            assertThat(health.path("comfyui").path("reachable").asBoolean()).isTrue();
            assertThat(health.path("comfyui").path("simulated").asBoolean()).isTrue();
            assertThat(health.path("comfyui").path("version").asString()).isEqualTo("0.3.70");
            assertThat(health.path("services").path("job").asString()).isEqualTo("up");
            assertThat(health.path("services").path("webhook").asString()).isEqualTo("down");
            assertThat(health.path("uptime").isNumber()).isTrue();
        });
        heartbeat("w-1", WorkerState.UNREACHABLE);
        Awaitility.await()
                .untilAsserted(() -> assertThat(JSON.readTree(
                                        gateway.send(gateway.request("/health")).body())
                                .path("ok")
                                .asBoolean())
                        .isFalse());
    }

    @Test
    @Proves("S2-59")
    void tellsWhichBuildRuns() throws IOException {
        Properties packaged = new Properties();
        try (InputStream file = EdgeTests.class.getResourceAsStream("/META-INF/build-info.properties")) {
            packaged.load(Objects.requireNonNull(file));
        }
        String version = packaged.getProperty("build.version");
        JsonNode health = JSON.readTree(gateway.send(gateway.request("/health")).body());
        assertThat(health.path("version").asString()).isEqualTo(version);
        assertThat(health.path("commit").asString()).isEqualTo(COMMIT);
        assertThat(gateway.send(gateway.request("/actuator/prometheus")).body().lines())
                .contains("comfy_build_info{commit=\"" + COMMIT + "\",version=\"" + version + "\"} 1");
    }

    private static void heartbeat(String id, WorkerState state) {
        Story.publish(
                "workers.heartbeat",
                id,
                new WorkerHeartbeat(
                        id, "i-1", "default", state, 1, 1, 0, true, "0.3.70", "GPU", null, null, null, Instant.now()));
    }

    @Test
    void servesTheDocumentsToEverybody() {
        assertThat(gateway.send(gateway.request("/")).body()).contains("/docs");
        HttpResponse<String> page = gateway.send(gateway.request("/docs"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type").orElseThrow()).startsWith("text/html");
        for (String file : new String[] {"swagger-ui-bundle.js", "swagger-ui.css", "init.js"}) {
            assertThat(page.body()
                            + gateway.send(gateway.request("/docs/init.js")).body())
                    .contains("/openapi.yaml");
            assertThat(gateway.send(gateway.request("/docs/" + file)).statusCode())
                    .isEqualTo(200);
        }
        assertThat(gateway.send(gateway.request("/docs/other.js")).statusCode()).isEqualTo(404);
        assertThat(gateway.send(gateway.request("/actuator/health")).statusCode())
                .isEqualTo(200);
        assertThat(gateway.send(gateway.request("/actuator/prometheus")).body()).contains("comfy_gateway_streams");
    }

    @Test
    void routesDeadLettersToJobs() {
        for (String path : List.of("/v1/dead-letters?limit=3", "/v1/dead-letters/j_1")) {
            gateway.send(gateway.request(path).header("X-API-Key", Gateway.USER_KEY));
            assertThat(job.requests.getLast().target()).isEqualTo(path);
        }
    }

    @Test
    void describesExactlyThePublicRoutes() {
        Map<String, Map<String, Map<String, Object>>> document =
                new Yaml().load(gateway.send(gateway.request("/openapi.yaml")).body());
        Set<String> operations = new TreeSet<>();
        Objects.requireNonNull(document.get("paths"))
                .forEach((path, item) -> item.keySet().stream()
                        .filter(key -> !key.equals("parameters"))
                        .forEach(method -> operations.add(method + " " + path)));
        assertThat(operations)
                .containsExactlyInAnyOrder(
                        "get /health",
                        "get /v1/pauses",
                        "get /v1/pools",
                        "get /v1/pools/{pool}",
                        "post /v1/pools/{pool}/pause",
                        "post /v1/pools/{pool}/resume",
                        "post /v1/tenants/{tenant}/pause",
                        "post /v1/tenants/{tenant}/resume",
                        "get /v1/workers",
                        "get /v1/workers/{workerId}",
                        "post /v1/workers/{workerId}/drain",
                        "post /v1/workers/{workerId}/resume",
                        "get /v1/jobs/{jobId}/logs",
                        "post /v1/jobs",
                        "post /v1/jobs:validate",
                        "get /v1/jobs",
                        "get /v1/jobs/{jobId}",
                        "patch /v1/jobs/{jobId}",
                        "post /v1/jobs/{jobId}/cancel",
                        "get /v1/jobs/{jobId}/events",
                        "get /v1/jobs/{jobId}/webhooks",
                        "post /v1/webhooks/{webhookId}/redeliver",
                        "get /v1/dead-letters",
                        "get /v1/dead-letters/{jobId}",
                        "delete /v1/dead-letters/{jobId}",
                        "post /v1/dead-letters/{jobId}/requeue",
                        "get /v1/workflows",
                        "get /v1/workflows/{workflowId}",
                        "post /v1/assets",
                        "get /v1/assets/{assetId}",
                        "delete /v1/assets/{assetId}",
                        "get /v1/assets/{assetId}/content");
    }

    @Test
    void refusesToStartWithoutKeys() {
        assertThatThrownBy(() -> new Gateway(job, storage, "comfy.gateway.auth.api-keys="))
                .hasRootCauseMessage("API_KEYS is empty; give it as key:role[:tenant],... or switch authentication off"
                        + " with AUTH_ENABLED=false");
    }

    @Test
    void namesTheVariableButNotTheKeyWhenItsFormIsWrong() {
        assertThatThrownBy(() -> new Gateway(job, storage, "comfy.gateway.auth.api-keys=secret-key:root"))
                .rootCause()
                .hasMessageContaining("API_KEYS")
                .hasMessageNotContaining("secret-key");
    }

    @Test
    void letsEveryoneInAsAdminWhenSwitchedOff() {
        try (Gateway open =
                new Gateway(job, storage, "comfy.gateway.auth.enabled=false", "comfy.gateway.auth.api-keys=")) {
            assertThat(open.send(open.request("/v1/jobs")).statusCode()).isEqualTo(200);
            Caller caller = TOKENS.verify(job.requests
                            .getFirst()
                            .headers()
                            .getOrDefault("authorization", "")
                            .substring("Bearer ".length()))
                    .orElseThrow();
            assertThat(caller.role()).isEqualTo(Role.ADMIN);
            assertThat(caller.tenant()).isEqualTo("default");
        }
    }
}
