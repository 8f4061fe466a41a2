package dev.comfygateway.worker.testing;

import static dev.comfygateway.worker.testing.FakeServer.body;
import static dev.comfygateway.worker.testing.FakeServer.json;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import javax.net.ssl.KeyManagerFactory;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.http.server.HttpServerRoutes;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A fake of ComfyUI's protocol, with no more behaviour than a test scripts. */
public final class FakeComfyUi implements AutoCloseable {

    /** Writes bare NaN and Infinity, as Python's encoder does. */
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS).build();

    /** One prompt as it was received. */
    public record Submission(String promptId, String clientId, JsonNode graph) {}

    public record Answer(int status, String body) {}

    private final FakeServer server;
    private final Map<String, Sinks.Many<String>> sockets = new ConcurrentHashMap<>();
    private final Map<String, Runnable> closers = new ConcurrentHashMap<>();
    public final Map<String, Object> history = new ConcurrentHashMap<>();
    public final Set<String> running = ConcurrentHashMap.newKeySet();
    public final Set<String> pending = ConcurrentHashMap.newKeySet();
    public final Map<String, byte[]> files = new ConcurrentHashMap<>();
    public final List<Submission> submissions = new CopyOnWriteArrayList<>();
    public final List<String> calls = new CopyOnWriteArrayList<>();
    public final List<String> clientIds = new CopyOnWriteArrayList<>();
    /** Runs after the prompt was accepted, on a thread of its own. */
    public volatile Consumer<Submission> script = this::succeed;
    /** Runs before the answer to the prompt is sent. */
    public volatile Consumer<Submission> beforeAnswer = submission -> {};
    /** What to answer to a prompt instead of taking it. */
    public volatile @Nullable Answer refusal;

    /** Nodes that a success says were answered from the cache. */
    public volatile List<String> cachedNodes = List.of();

    /** Takes the prompt, but its answer does not arrive. */
    public volatile boolean failAnswer;
    /** Answers with the history entry itself. */
    public volatile boolean bareHistory;

    /** Paths that answer 500. */
    public final Set<String> failing = ConcurrentHashMap.newKeySet();

    public volatile String nodeErrors = "{}";
    public volatile long vramFree = 5;
    /** How often its health was asked for. */
    public final AtomicInteger probes = new AtomicInteger();

    public volatile Runnable onFree = () -> {};
    /** Runs before an input is taken. */
    public volatile Runnable onUpload = () -> {};

    public volatile Runnable onInterrupt = () -> {};
    private final AtomicInteger numbers = new AtomicInteger();

    public final List<String> authorizations = new CopyOnWriteArrayList<>();
    private final String prefix;

    public FakeComfyUi() {
        this("", null);
    }

    /**
     * @param prefix where a proxy would have put it, for example {@code /comfy}
     * @param tls what it shows its clients, or null to speak without TLS
     */
    public FakeComfyUi(String prefix, @Nullable KeyManagerFactory tls) {
        this(prefix, tls, 0);
    }

    /** On a port that is free. */
    public FakeComfyUi(int port) {
        this("", null, port);
    }

    private FakeComfyUi(String prefix, @Nullable KeyManagerFactory tls, int port) {
        this.prefix = prefix;
        server = new FakeServer(
                this::routes,
                port,
                tls,
                request -> authorizations.add(String.valueOf(request.headers().get("Authorization"))));
    }

    public URI url() {
        return URI.create(server.url() + prefix);
    }

    @Override
    public void close() {
        server.close();
    }

    public void event(Submission to, String type, Map<String, Object> data) {
        Map<String, Object> all = new LinkedHashMap<>(data);
        all.put("prompt_id", to.promptId());
        Sinks.Many<String> socket = sockets.get(to.clientId());
        if (socket != null) {
            synchronized (socket) {
                socket.tryEmitNext(JSON.writeValueAsString(Map.of("type", type, "data", all)));
            }
        }
    }

    public void endMarker(Submission to) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("node", null);
        event(to, "executing", data);
    }

    /** As a new process: nothing is known, and prompts are numbered from 0 again. */
    public void restart() {
        running.clear();
        pending.clear();
        history.clear();
        numbers.set(0);
        dropSockets();
    }

    public void dropSockets() {
        sockets.forEach((id, sink) -> sink.tryEmitComplete());
        closers.values().forEach(Runnable::run);
        sockets.clear();
        closers.clear();
    }

    /** Every node runs in turn, and every SaveImage writes a small PNG. */
    public void succeed(Submission submission) {
        announce(submission);
        history.put(submission.promptId(), successEntry(submission));
        running.remove(submission.promptId());
        endMarker(submission);
    }

    public void announce(Submission submission) {
        running.add(submission.promptId());
        event(submission, "execution_start", Map.of("timestamp", 1000));
        event(submission, "execution_cached", Map.of("nodes", List.of()));
        for (var node : submission.graph().properties()) {
            event(submission, "executing", Map.of("node", node.getKey(), "display_node", node.getKey()));
            event(submission, "progress", Map.of("node", node.getKey(), "value", 1, "max", 1));
        }
        event(submission, "execution_success", Map.of("timestamp", 1010));
    }

    public Map<String, Object> successEntry(Submission submission) {
        Map<String, Object> outputs = new LinkedHashMap<>();
        for (var node : submission.graph().properties()) {
            String type = node.getValue().path("class_type").asString("");
            if (type.equals("SaveImage")) {
                String prefix =
                        node.getValue().path("inputs").path("filename_prefix").asString("x");
                int slash = prefix.lastIndexOf('/');
                String folder = slash < 0 ? "" : prefix.substring(0, slash);
                String name = prefix.substring(slash + 1) + "_00001_.png";
                files.putIfAbsent("output/" + folder + "/" + name, png());
                outputs.put(
                        node.getKey(),
                        Map.of("images", List.of(Map.of("filename", name, "subfolder", folder, "type", "output"))));
            }
        }
        return entry(
                outputs,
                "success",
                List.of(
                        List.of("execution_cached", Map.of("nodes", cachedNodes)),
                        List.of("execution_success", Map.of("timestamp", 1010))));
    }

    public static Map<String, Object> entry(Map<String, Object> outputs, String status, List<?> more) {
        List<Object> messages = new ArrayList<>();
        messages.add(List.of("execution_start", Map.of("timestamp", 1000)));
        messages.addAll(more);
        return Map.of(
                "outputs",
                outputs,
                "status",
                Map.of("status_str", status, "completed", status.equals("success"), "messages", messages));
    }

    public static Map<String, Object> errorEntry(String type, String message) {
        return entry(
                Map.of(),
                "error",
                List.of(List.of(
                        "execution_error",
                        Map.of(
                                "node_id",
                                "1",
                                "node_type",
                                "KSampler",
                                "exception_type",
                                type,
                                "exception_message",
                                message))));
    }

    public static byte[] png() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(
                    new java.awt.image.BufferedImage(4, 4, java.awt.image.BufferedImage.TYPE_INT_RGB), "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private void routes(HttpServerRoutes routes) {
        routes.get(prefix + "/ws", (request, response) -> {
            String id = query(request.uri()).getOrDefault("clientId", "");
            return response.sendWebsocket((in, out) -> {
                clientIds.add(id);
                Sinks.Many<String> sink = Sinks.many().unicast().onBackpressureBuffer();
                sockets.put(id, sink);
                in.withConnection(connection -> closers.put(id, connection::dispose));
                in.receive().subscribe(ignored -> {}, gone -> {});
                return out.sendObject(
                        Flux.concat(Mono.just("{\"type\":\"status\",\"data\":{\"sid\":\"" + id + "\"}}"), sink.asFlux())
                                .map(TextWebSocketFrame::new));
            });
        });
        routes.get(prefix + "/prompt", (in, out) -> answer(out, "/prompt", "{\"exec_info\":{\"queue_remaining\":0}}"));
        routes.get(
                prefix + "/system_stats",
                (in, out) -> answer(
                        out,
                        "/system_stats",
                        "{\"system\":{\"comfyui_version\":\"0.33.0\"},\"devices\":[{\"name\":\"cpu\",\"vram_total\":10,"
                                + "\"vram_free\":" + vramFree + "}]}"));
        routes.get(
                prefix + "/object_info",
                (in, out) -> json(
                        out,
                        "{\"EmptyImage\":{\"input\":{\"required\":{}},\"output_node\":false},"
                                + "\"SaveImage\":{\"input\":{\"required\":{}},\"output_node\":true}}"));
        routes.post(
                prefix + "/prompt",
                (in, out) -> body(in).flatMap(text -> Mono.fromCallable(() -> submit(text))
                        .subscribeOn(Schedulers.boundedElastic())
                        .flatMap(answer -> json(out, answer.status(), answer.body()))));
        routes.get(prefix + "/history/{id}", (in, out) -> {
            String id = String.valueOf(in.param("id"));
            calls.add("history " + id);
            Object entry = history.get(id);
            Object body = entry == null ? Map.of() : bareHistory ? entry : Map.of(id, entry);
            return json(out, JSON.writeValueAsString(body));
        });
        routes.get(
                prefix + "/queue",
                (in, out) -> answer(
                        out,
                        "/queue",
                        JSON.writeValueAsString(
                                Map.of("queue_running", items(running), "queue_pending", items(pending)))));
        routes.post(
                prefix + "/queue",
                (in, out) -> body(in).flatMap(text -> {
                    calls.add("delete " + text);
                    pending.removeIf(text::contains);
                    return json(out, "");
                }));
        routes.post(
                prefix + "/interrupt",
                (in, out) -> body(in).flatMap(text -> {
                    calls.add("interrupt " + text);
                    onInterrupt.run();
                    return json(out, "");
                }));
        routes.post(
                prefix + "/history",
                (in, out) -> body(in).flatMap(text -> {
                    calls.add("forget " + text);
                    return json(out, "");
                }));
        routes.post(prefix + "/free", (in, out) -> {
            calls.add("free");
            onFree.run();
            return answer(out, "/free", "");
        });
        routes.post(
                prefix + "/upload/image",
                (in, out) -> in.receive()
                        .aggregate()
                        .asString(StandardCharsets.ISO_8859_1)
                        .publishOn(Schedulers.boundedElastic())
                        .flatMap(text -> {
                            onUpload.run();
                            calls.add("upload " + text);
                            String folder = text.replaceAll("(?s).*(cg/[0-9a-f]{32}).*", "$1");
                            return json(out, "{\"name\":\"given.png\",\"subfolder\":\"" + folder + "\"}");
                        }));
        routes.get(prefix + "/view", (in, out) -> {
            calls.add("view " + in.uri());
            Map<String, String> query = query(in.uri());
            byte[] file = files.get(query.getOrDefault("type", "output") + "/" + query.getOrDefault("subfolder", "")
                    + "/" + query.get("filename"));
            if (file == null) {
                return out.status(404).send();
            }
            return out.header("Content-Length", String.valueOf(file.length)).sendByteArray(Mono.just(file));
        });
    }

    private Mono<Void> answer(HttpServerResponse out, String path, String body) {
        if (path.equals("/system_stats")) {
            probes.incrementAndGet();
        }
        return failing.contains(path) ? json(out, 500, "") : json(out, body);
    }

    private Answer submit(String text) {
        JsonNode body = JSON.readTree(text);
        Submission submission = new Submission(
                body.path("prompt_id").asString(), body.path("client_id").asString(""), body.path("prompt"));
        submissions.add(submission);
        calls.add("prompt");
        Answer refused = refusal;
        if (refused != null) {
            return refused;
        }
        beforeAnswer.accept(submission);
        Thread.ofVirtual().start(() -> script.accept(submission));
        if (failAnswer) {
            return new Answer(500, "500 Internal Server Error");
        }
        return new Answer(
                200,
                "{\"prompt_id\":\"" + submission.promptId() + "\",\"number\":" + numbers.getAndIncrement()
                        + ",\"node_errors\":" + nodeErrors + "}");
    }

    private static List<List<Object>> items(Set<String> ids) {
        return ids.stream().map(id -> List.<Object>of(0, id)).toList();
    }

    private static Map<String, String> query(String uri) {
        Map<String, String> values = new LinkedHashMap<>();
        new QueryStringDecoder(uri).parameters().forEach((name, list) -> values.put(name, list.getFirst()));
        return values;
    }
}
