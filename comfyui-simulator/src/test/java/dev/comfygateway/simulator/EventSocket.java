package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.simulator.graph.Json;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A client of the event socket that keeps what it hears. */
final class EventSocket implements WebSocket.Listener, AutoCloseable {

    private final LinkedBlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
    final List<ByteBuffer> frames = new CopyOnWriteArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<String> ended = new CompletableFuture<>();
    private final WebSocket socket;

    EventSocket(HttpClient client, int port, String clientId) {
        socket = client.newWebSocketBuilder()
                .buildAsync(URI.create("ws://127.0.0.1:" + port + "/ws?clientId=" + clientId), this)
                .join();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            messages.add(Json.parse(text.toString()));
            text.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        frames.add(data);
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
        ended.complete("close");
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        ended.complete("drop");
    }

    /** How the connection ended: {@code close} with a close frame, {@code drop} without. */
    String awaitEnd() {
        return ended.orTimeout(10, TimeUnit.SECONDS).join();
    }

    boolean hasMessages() {
        return !messages.isEmpty();
    }

    void send(String message) {
        socket.sendText(message, true).join();
    }

    JsonNode next() {
        try {
            JsonNode message = messages.poll(10, TimeUnit.SECONDS);
            assertThat(message).as("the next message").isNotNull();
            return Objects.requireNonNull(message);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything up to the message that says that a prompt has ended. */
    List<JsonNode> untilEnd() {
        List<JsonNode> heard = new ArrayList<>();
        while (true) {
            JsonNode message = next();
            heard.add(message);
            if (type(message).equals("executing") && message.at("/data/node").isNull()) {
                return heard;
            }
        }
    }

    JsonNode untilType(String type) {
        JsonNode message = next();
        while (!type(message).equals(type)) {
            message = next();
        }
        return message;
    }

    static String type(JsonNode message) {
        return message.get("type").stringValue();
    }

    static List<String> types(List<JsonNode> messages) {
        return messages.stream()
                .map(EventSocket::type)
                .filter(type -> !type.equals("progress_state"))
                .toList();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
