package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A socket that keeps all it hears, texts and frames in one list. */
final class ReplaySocket implements WebSocket.Listener, AutoCloseable {

    private final List<JsonNode> heard = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final boolean reads;
    private final WebSocket socket;
    private boolean ended;
    private @Nullable String pong;

    ReplaySocket(HttpClient client, URI uri, Map<String, String> headers, boolean reads) {
        this.reads = reads;
        WebSocket.Builder builder = client.newWebSocketBuilder();
        headers.forEach(builder::header);
        socket = builder.buildAsync(uri, this).join();
    }

    @Override
    public void onOpen(WebSocket webSocket) {
        if (reads) {
            webSocket.request(1);
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            add(Json.parse(text.toString()));
            text.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
        byte[] part = new byte[data.remaining()];
        data.get(part);
        bytes.writeBytes(part);
        if (last) {
            add(Json.object().set("binary", describe(ByteBuffer.wrap(bytes.toByteArray()))));
            bytes.reset();
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
        synchronized (this) {
            pong = StandardCharsets.UTF_8.decode(message).toString();
            notifyAll();
        }
        webSocket.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
        end();
        return null;
    }

    @Override
    public void onError(WebSocket webSocket, Throwable error) {
        end();
    }

    /** A frame in the words of the recordings. */
    private static ObjectNode describe(ByteBuffer frame) {
        int event = frame.getInt();
        ObjectNode description = Json.object().put("event", event);
        if (event == 1) {
            description.put("format", frame.getInt()).put("image_magic", Integer.toHexString(frame.getInt()));
        } else {
            byte[] head = new byte[frame.getInt()];
            frame.get(head);
            String text = new String(head, StandardCharsets.UTF_8);
            if (event == 3) {
                description
                        .put("node_id", text)
                        .put("text", StandardCharsets.UTF_8.decode(frame).toString());
            } else {
                description.set("meta", Json.parse(text));
                description.put("image_magic", Integer.toHexString(frame.getInt()));
            }
        }
        return description;
    }

    private synchronized void add(JsonNode message) {
        heard.add(message);
        notifyAll();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized List<JsonNode> heard() {
        return List.copyOf(heard);
    }

    /**
     * Whether all but the steps of nodes was heard in time; of steps at least one, where the recording ends with one.
     */
    boolean awaitAll(List<JsonNode> recorded, Duration patience) {
        long wanted = besideSteps(recorded);
        boolean stepping = !recorded.isEmpty() && Transcript.isStep(recorded.getLast());
        return await(
                () -> {
                    long got = besideSteps(heard);
                    return got > wanted || (got == wanted && (!stepping || Transcript.isStep(heard.getLast())));
                },
                patience);
    }

    private static long besideSteps(List<JsonNode> messages) {
        return messages.stream().filter(message -> !Transcript.isStep(message)).count();
    }

    boolean ping(String payload, Duration patience) {
        if (socket.isOutputClosed() || socket.isInputClosed()) {
            return false;
        }
        socket.sendPing(ByteBuffer.wrap(payload.getBytes(StandardCharsets.UTF_8)))
                .join();
        return await(() -> payload.equals(pong), patience);
    }

    private synchronized boolean await(java.util.function.BooleanSupplier condition, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0 || ended) {
                return condition.getAsBoolean();
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        return true;
    }

    void send(String message) {
        socket.sendText(message, true).join();
    }

    /** Says goodbye. */
    void leave() {
        try {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        } catch (CompletionException e) {
            socket.abort();
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
