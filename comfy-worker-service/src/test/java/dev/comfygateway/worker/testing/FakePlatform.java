package dev.comfygateway.worker.testing;

import static dev.comfygateway.worker.testing.FakeServer.body;
import static dev.comfygateway.worker.testing.FakeServer.json;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.Grant;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A fake of job-service, storage-service and S3 in one, with no more behaviour than a test scripts. */
public final class FakePlatform implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final FakeServer server;
    /** Grants to be given, in order. */
    public final Deque<Grant> grants = new ArrayDeque<>();

    public final List<String> claimIds = new CopyOnWriteArrayList<>();
    public final List<JsonNode> renewals = new CopyOnWriteArrayList<>();
    /** Claims that are answered but whose answer does not arrive. */
    public final AtomicInteger loseAnswers = new AtomicInteger();

    public final Set<String> stop = ConcurrentHashMap.newKeySet();
    /** Workers that an operator drains. */
    public final Set<String> drained = ConcurrentHashMap.newKeySet();

    public final Set<String> ended = ConcurrentHashMap.newKeySet();
    public final Map<String, byte[]> objects = new ConcurrentHashMap<>();
    /** Runs before an output is taken. */
    public volatile Runnable onPut = () -> {};

    public final List<String> putHeaders = new CopyOnWriteArrayList<>();
    public final Map<String, JsonNode> announced = new ConcurrentHashMap<>();
    private final Map<String, ClaimAnswer> answers = new ConcurrentHashMap<>();
    private final AtomicInteger assets = new AtomicInteger();

    public FakePlatform() {
        this(0);
    }

    /** @param port 0 for any that is free */
    public FakePlatform(int port) {
        server = new FakeServer(this::routes, port, null, request -> {});
    }

    public URI url() {
        return server.url();
    }

    @Override
    public void close() {
        server.close();
    }

    private void routes(HttpServerRoutes routes) {
        routes.post(
                "/internal/claims",
                (in, out) -> body(in).flatMap(text -> {
                    String claimId = JSON.readTree(text).path("claimId").asString();
                    claimIds.add(claimId);
                    ClaimAnswer answer = answers.computeIfAbsent(claimId, id -> {
                        synchronized (grants) {
                            Grant next = grants.poll();
                            return next == null ? ClaimAnswer.nothing("QUEUE_EMPTY") : ClaimAnswer.granted(next);
                        }
                    });
                    if (loseAnswers.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                        out.withConnection(connection -> connection.dispose());
                        return Mono.never();
                    }
                    return json(out, JSON.writeValueAsString(answer));
                }));
        routes.post(
                "/internal/leases",
                (in, out) -> body(in).flatMap(text -> {
                    JsonNode renewal = JSON.readTree(text);
                    renewals.add(renewal);
                    List<String> ids = new ArrayList<>();
                    renewal.path("attemptIds").forEach(id -> ids.add(id.asString()));
                    return json(
                            out,
                            JSON.writeValueAsString(Map.of(
                                    "renewed",
                                    ids,
                                    "stop",
                                    ids.stream().filter(stop::contains).toList(),
                                    "ended",
                                    ids.stream().filter(ended::contains).toList(),
                                    "leaseSeconds",
                                    30,
                                    "drain",
                                    drained.contains(renewal.path("workerId").asString()))));
                }));
        routes.post(
                "/internal/uploads",
                (in, out) -> body(in).flatMap(text -> {
                    List<Object> targets = new ArrayList<>();
                    for (JsonNode file : JSON.readTree(text).path("files")) {
                        String id = "as_" + String.format("%032x", assets.incrementAndGet());
                        announced.put(id, file);
                        targets.add(Map.of(
                                "index",
                                file.path("index").asInt(),
                                "assetId",
                                id,
                                "url",
                                url() + "/bucket/" + id,
                                "headers",
                                Map.of(
                                        "x-amz-checksum-sha256",
                                        Base64.getEncoder()
                                                .encodeToString(HexFormat.of()
                                                        .parseHex(file.path("sha256")
                                                                .asString())),
                                        "If-None-Match",
                                        "*",
                                        "Content-Type",
                                        file.path("contentType").asString())));
                    }
                    return json(out, JSON.writeValueAsString(Map.of("targets", targets)));
                }));
        routes.put(
                "/bucket/{id}",
                (in, out) -> in.receive()
                        .aggregate()
                        .asByteArray()
                        .publishOn(Schedulers.boundedElastic())
                        .flatMap(bytes -> {
                            onPut.run();
                            objects.put(String.valueOf(in.param("id")), bytes);
                            putHeaders.add(in.requestHeaders().entries().toString());
                            return Mono.from(out.status(200).send());
                        }));
        routes.get(
                "/bucket/{id}",
                (in, out) -> out.sendByteArray(
                        Mono.just(objects.getOrDefault(String.valueOf(in.param("id")), new byte[0]))));
        routes.get(
                "/internal/ticket-assets/{id}/link",
                (in, out) -> json(
                        out,
                        "{\"url\":\"" + url() + "/bucket/" + in.param("id")
                                + "\",\"expiresAt\":\"2030-01-01T00:00:00Z\"}"));
        routes.post(
                "/internal/uploads/complete",
                (in, out) -> body(in).flatMap(text -> {
                    List<Object> found = new ArrayList<>();
                    for (JsonNode id : JSON.readTree(text).path("assetIds")) {
                        JsonNode file = Objects.requireNonNull(announced.get(id.asString()));
                        Map<String, Object> asset = new LinkedHashMap<>();
                        asset.put("assetId", id.asString());
                        asset.put("tenant", "default");
                        asset.put("filename", file.path("filename").asString());
                        asset.put("contentType", file.path("contentType").asString());
                        asset.put("size", Objects.requireNonNull(objects.get(id.asString())).length);
                        asset.put("sha256", file.path("sha256").asString());
                        asset.put("createdAt", "2026-01-01T00:00:00Z");
                        found.add(asset);
                    }
                    return json(out, JSON.writeValueAsString(Map.of("assets", found)));
                }));
    }
}
