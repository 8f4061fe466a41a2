package dev.comfygateway.simulator.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import tools.jackson.databind.JsonNode;

/**
 * Does again what the client of a session did. Before each action it waits until every socket has heard what it had
 * heard by then.
 */
final class SessionReplay implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** For a session that is known to differ. */
    private static final Duration IMPATIENCE = Duration.ofSeconds(2);

    /** A socket did not hear in time what the next action needs. */
    private static final class SilenceException extends RuntimeException {
        SilenceException(String message) {
            super(message);
        }
    }

    private final RecordedSession session;
    private final Path base;
    private final boolean anyOrder;
    private final Duration patience;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Likeness likeness = new Likeness();
    private final Map<String, ReplaySocket> sockets = new LinkedHashMap<>();
    private final Map<String, String> clientIds = new HashMap<>();
    private final Map<String, List<JsonNode>> recorded = new LinkedHashMap<>();
    private final List<Difference> differences = new ArrayList<>();
    private SimulatorProcess simulator;
    private int pings;
    private ReplayRequests requests;

    SessionReplay(RecordedSession session, Path base, boolean anyOrder, boolean knownToDiffer) {
        this.session = session;
        this.base = base;
        this.anyOrder = anyOrder;
        this.patience = knownToDiffer ? IMPATIENCE : PATIENCE;
        simulator = new SimulatorProcess(session, base);
        requests = new ReplayRequests(client, simulator.port(), likeness);
        for (String folder : List.of("/models/", "/output/", "/custom_nodes")) {
            likeness.translate("/opt/comfyui" + folder, base + folder);
        }
    }

    /** All differences, in the order they were found. */
    List<Difference> run() {
        try {
            for (JsonNode step : session.steps()) {
                if (step.has("heard")) {
                    expect(step);
                } else if (step.has("do")) {
                    awaitSockets();
                    act(step);
                }
            }
            awaitSockets();
            recorded.keySet().forEach(this::ping);
        } catch (SilenceException e) {
            differences.add(new Difference("silence", String.valueOf(e.getMessage())));
        } catch (CompletionException e) {
            differences.add(new Difference("connection", String.valueOf(e.getMessage())));
        }
        recorded.forEach(this::compare);
        return differences;
    }

    private void expect(JsonNode step) {
        JsonNode message = step.has("msg") ? step.get("msg") : Json.object().set("binary", binary(step.get("binary")));
        recorded.computeIfAbsent(step.get("heard").stringValue(), name -> new ArrayList<>())
                .add(message);
    }

    /** Without the number and the first of the bytes. */
    private static JsonNode binary(JsonNode frame) {
        return ((tools.jackson.databind.node.ObjectNode) frame.deepCopy())
                .remove(List.of("len", "image_len", "head_hex"));
    }

    private void awaitSockets() {
        recorded.forEach((name, messages) -> {
            ReplaySocket socket = sockets.get(name);
            if (socket != null && !socket.awaitAll(messages, patience)) {
                throw new SilenceException(
                        "socket " + name + " heard " + socket.heard().size() + " of " + messages.size() + " messages");
            }
        });
    }

    private void act(JsonNode step) {
        switch (step.get("do").stringValue()) {
            case "connect" -> connect(step);
            case "say" ->
                socket(step).send(step.has("text") ? step.get("text").stringValue() : Json.text(step.get("msg")));
            case "ping" -> {
                if (!socket(step).ping(step.get("payload").stringValue(), PATIENCE)) {
                    differences.add(new Difference("ping", "no answer"));
                }
            }
            case "close" -> {
                if (step.has("abruptly")) {
                    socket(step).close();
                } else {
                    socket(step).leave();
                }
                String id = clientIds.getOrDefault(step.get("client").stringValue(), "");
                await().until(() -> !simulator.knows(id));
            }
            case "request" -> request(step);
            case "idle" -> awaitIdle();
            case "silence" -> silence(step);
            case "prepare" -> prepare(step);
            case "delete" -> delete(step.get("file").stringValue());
            case "restart" -> {
                simulator.close();
                simulator = new SimulatorProcess(session, base);
                requests = new ReplayRequests(client, simulator.port(), likeness);
                lastTemporaryFile();
            }
            default -> throw new IllegalArgumentException(step.toString());
        }
    }

    private ReplaySocket socket(JsonNode step) {
        ReplaySocket socket = sockets.get(step.get("client").stringValue());
        assertThat(socket).isNotNull();
        return java.util.Objects.requireNonNull(socket);
    }

    private void connect(JsonNode step) {
        String name = step.get("client").stringValue();
        String id = step.get("id").asString("");
        Map<String, String> headers = new HashMap<>();
        step.path("headers")
                .properties()
                .forEach(
                        header -> headers.put(header.getKey(), header.getValue().stringValue()));
        String uri = "ws://127.0.0.1:" + simulator.port() + step.path("path").asString("/ws")
                + (id.isEmpty() ? "" : "?clientId=" + id);
        sockets.put(
                name,
                new ReplaySocket(
                        client, URI.create(uri), headers, step.path("reads").asBoolean(true)));
        clientIds.put(name, id);
    }

    private void request(JsonNode step) {
        lastTemporaryFile();
        HttpResponse<byte[]> response = requests.send(step);
        long answered = System.currentTimeMillis();
        // Jobs are sorted by the millisecond they came in, and no recorded client was that fast.
        await().pollInSameThread()
                .pollInterval(Duration.ofMillis(1))
                .until(() -> System.currentTimeMillis() > answered);
        JsonNode answer = step.get("answer").path("json");
        if (answer.isString() || answer.has("prompt_id")) {
            translate(answer, response);
        }
        if (answer.isObject() && response.statusCode() < 300) {
            likeness.learn(answer, Json.parse(AnswerCheck.decoded(response)));
        }
        String place = step.get("method").stringValue() + " " + step.get("path").stringValue();
        String note = step.path("note").asString("");
        new AnswerCheck(step.get("answer"), response, likeness, anyOrder)
                .differences()
                .forEach(text ->
                        differences.add(new Difference(place + (note.isEmpty() ? "" : " (" + note + ")"), text)));
    }

    private void translate(JsonNode answer, HttpResponse<byte[]> response) {
        if (response.statusCode() == 200) {
            JsonNode replayed = Json.parse(AnswerCheck.decoded(response));
            if (answer.isString() && replayed.isString()) {
                likeness.translate(answer.stringValue(), replayed.stringValue());
            } else if (replayed.has("prompt_id")) {
                likeness.translate(
                        answer.get("prompt_id").stringValue(),
                        replayed.get("prompt_id").stringValue());
            }
        }
    }

    /** Runs a prompt that the session itself does not show, because an earlier session left it in the cache. */
    private void prepare(JsonNode step) {
        String prompt = "{\"method\":\"POST\",\"path\":\"/prompt\",\"body\":" + Json.text(step.get("body")) + "}";
        assertThat(requests.send(Json.parse(prompt)).statusCode()).isEqualTo(200);
        awaitIdle();
    }

    private void awaitIdle() {
        JsonNode look = Json.object().put("method", "GET").put("path", "/prompt");
        await().until(() -> Json.parse(requests.send(look).body())
                        .at("/exec_info/queue_remaining")
                        .intValue()
                == 0);
    }

    /** What was recorded up to here is all that a socket has heard, although there would be more to hear. */
    private void silence(JsonNode step) {
        String name = step.get("client").stringValue();
        ping(name);
        int expected = recorded.getOrDefault(name, List.of()).size();
        int heard = socket(step).heard().size();
        if (heard != expected) {
            differences.add(new Difference(
                    "socket " + name, "heard " + heard + " messages while it should hear " + expected + " only"));
        }
    }

    /** Whatever was sent before the answer to a ping has arrived with it. */
    private void ping(String name) {
        ReplaySocket socket = sockets.get(name);
        if (socket != null) {
            socket.ping("so far " + ++pings, PATIENCE);
        }
    }

    private void delete(String file) {
        try {
            Files.delete(base.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void lastTemporaryFile() {
        sockets.values()
                .forEach(socket -> socket.heard().forEach(message -> {
                    JsonNode name = message.at("/data/output/images/0/filename");
                    if (name.asString("").contains("_temp_")) {
                        requests.temporaryFile(name.stringValue());
                    }
                }));
    }

    private void compare(String name, List<JsonNode> messages) {
        ReplaySocket socket = sockets.get(name);
        List<JsonNode> heard = socket == null ? List.of() : socket.heard();
        JsonNode wantedSid = messages.getFirst().at("/data/sid");
        if (!heard.isEmpty() && wantedSid.isString()) {
            likeness.translate(
                    wantedSid.stringValue(), heard.getFirst().at("/data/sid").asString(""));
        }
        Transcript transcript = new Transcript(
                name,
                messages.stream().map(likeness::recorded).toList(),
                heard.stream().map(likeness::replayed).toList());
        differences.addAll(anyOrder ? transcript.differencesInAnyOrder() : transcript.differences());
    }

    @Override
    public void close() {
        sockets.values().forEach(ReplaySocket::close);
        simulator.close();
        client.close();
    }
}
