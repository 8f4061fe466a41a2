package dev.comfygateway.worker.backend.comfy;

import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.output.SpooledFile;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The one WebSocket to a ComfyUI server, kept open between prompts. It is always read: a client that does not read
 * stops the events of every other client. Every connection has a client id of its own, because ComfyUI forgets an id
 * when the older of two connections with it closes.
 */
public final class ComfySocket implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ComfySocket.class);

    private static final String FEATURES = "{\"type\":\"feature_flags\",\"data\":{\"supports_preview_metadata\":true}}";

    private final URI base;
    private final @Nullable String apiKey;
    private final HttpClient http;
    private final Duration connectTimeout;
    private final Duration pingInterval;
    private final Spool spool;
    private final Map<String, Consumer<PromptSignal>> subscribers = new ConcurrentHashMap<>();
    private final ReentrantLock connecting = new ReentrantLock();
    private volatile @Nullable Connection connection;
    private volatile boolean closed;

    public ComfySocket(
            URI base,
            @Nullable String apiKey,
            HttpClient http,
            Duration connectTimeout,
            Duration pingInterval,
            Spool spool) {
        // "http" becomes "ws", and with it "https" becomes "wss".
        this.base = URI.create("ws" + base.toString().substring("http".length()));
        this.apiKey = apiKey;
        this.http = http;
        this.connectTimeout = connectTimeout;
        this.pingInterval = pingInterval;
        this.spool = spool;
    }

    /**
     * Connects unless connected; blocks for the connect timeout at most.
     *
     * @return the client id under which events will be heard, or null when there is no connection to be had
     */
    public @Nullable String connect() {
        Connection open = connection;
        if (open != null) {
            return open.clientId;
        }
        connecting.lock();
        try {
            open = connection;
            if (open != null || closed) {
                return open == null ? null : open.clientId;
            }
            Connection fresh = new Connection();
            WebSocket.Builder builder = http.newWebSocketBuilder().connectTimeout(connectTimeout);
            if (apiKey != null) {
                builder.header("Authorization", "Bearer " + apiKey);
            }
            URI address = URI.create(base + "/ws?clientId=" + fresh.clientId);
            CompletableFuture<WebSocket> handshake = builder.buildAsync(address, fresh);
            try {
                WebSocket opened = handshake.get(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
                fresh.socket = opened;
                // Must be the first thing said; without it pictures come without the prompt they belong to.
                opened.sendText(FEATURES, true).get(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
                // The first message says that the server has registered the client id.
                fresh.greeted.get(connectTimeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (ExecutionException | TimeoutException e) {
                fresh.abandon();
                // It may still open, and nobody would read it.
                var _ = handshake.thenAccept(WebSocket::abort);
                log.debug("No socket to ComfyUI: {}", String.valueOf(e.getMessage()));
                return null;
            } catch (InterruptedException e) {
                fresh.abandon();
                Thread.currentThread().interrupt();
                return null;
            }
            connection = fresh;
            if (fresh.lost) {
                connection = null;
                return null;
            }
            Thread.ofVirtual().name("comfy-ping").start(fresh::keepAlive);
            return fresh.clientId;
        } finally {
            connecting.unlock();
        }
    }

    public boolean connected() {
        return connection != null;
    }

    /** Tells the consumer about one prompt until {@link #unsubscribe}. It is called on the socket's thread. */
    public void subscribe(String promptId, Consumer<PromptSignal> consumer) {
        subscribers.put(promptId, consumer);
    }

    public void unsubscribe(String promptId) {
        subscribers.remove(promptId);
    }

    @Override
    public void close() {
        closed = true;
        Connection open = connection;
        if (open != null) {
            open.abandon();
        }
    }

    private void lost(Connection which) {
        if (connection == which) {
            connection = null;
            subscribers.values().forEach(consumer -> consumer.accept(new PromptSignal.SocketLost()));
            if (!closed) {
                log.info("Socket to ComfyUI lost; following by polling");
                Thread.ofVirtual().name("comfy-reconnect").start(this::connect);
            }
        }
    }

    /** One connection with its own client id. */
    private final class Connection implements WebSocket.Listener {

        private final String clientId = UUID.randomUUID().toString().replace("-", "");
        private final CompletableFuture<Boolean> greeted = new CompletableFuture<>();
        private final StringBuilder partial = new StringBuilder();
        private volatile @Nullable WebSocket socket;
        private volatile boolean lost;
        private volatile long lastHeard = System.nanoTime();
        private final FrameDecoder frames = new FrameDecoder(spool);

        /** What runs now, as far as it is ours: text and old pictures do not say whose they are. */
        private @Nullable String runningPrompt;

        private @Nullable String runningNode;

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            lastHeard = System.nanoTime();
            try {
                if (last && partial.isEmpty()) {
                    dispatch(data.toString());
                } else {
                    partial.append(data);
                    if (last) {
                        String whole = partial.toString();
                        partial.setLength(0);
                        dispatch(whole);
                    }
                }
                if (last) {
                    greeted.complete(true);
                }
            } catch (RuntimeException e) {
                log.warn("Message of ComfyUI skipped", e);
            } finally {
                webSocket.request(1);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
            lastHeard = System.nanoTime();
            try {
                FrameDecoder.Frame frame = frames.accept(data, last);
                if (frame != null) {
                    dispatch(frame);
                }
            } catch (IOException | RuntimeException e) {
                log.warn("Frame of ComfyUI skipped: {}", e.getClass().getSimpleName());
            } finally {
                webSocket.request(1);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onPong(WebSocket webSocket, ByteBuffer message) {
            lastHeard = System.nanoTime();
            webSocket.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            dropFrame();
            end();
            return null;
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            dropFrame();
            end();
        }

        private void dropFrame() {
            try {
                frames.reset();
            } catch (IOException e) {
                log.debug("Broken frame not removed", e);
            }
        }

        private void dispatch(String text) {
            JsonNode message;
            try {
                message = ComfyClient.JSON.readTree(text);
            } catch (JacksonException e) {
                return; // custom nodes send what they like
            }
            JsonNode data = message.path("data");
            String promptId = data.path("prompt_id").asString("");
            Consumer<PromptSignal> subscriber = promptId.isEmpty() ? null : subscribers.get(promptId);
            if (subscriber != null) {
                String type = message.path("type").asString("");
                note(type, promptId, data);
                subscriber.accept(new PromptSignal.Message(type, data));
            }
        }

        private void note(String type, String promptId, JsonNode data) {
            switch (type) {
                case "execution_start" -> runningPrompt = promptId;
                case "executing" -> {
                    JsonNode node = data.path("node");
                    runningPrompt = node.isNull() ? null : promptId;
                    runningNode =
                            node.isNull() ? null : data.path("display_node").asString(node.asString(""));
                }
                default -> {
                    // the others change nothing about what runs
                }
            }
        }

        private void dispatch(FrameDecoder.Frame frame) {
            switch (frame) {
                case FrameDecoder.Frame.Picture(JsonNode said, String mediaType, SpooledFile file) -> {
                    String promptId = said.path("prompt_id").asString(runningPrompt);
                    Consumer<PromptSignal> subscriber = promptId == null ? null : subscribers.get(promptId);
                    if (subscriber == null) {
                        file.close();
                    } else {
                        String node = said.path("display_node_id")
                                .asString(said.path("node_id").asString(runningNode));
                        subscriber.accept(new PromptSignal.Picture(node, mediaType, file));
                    }
                }
                case FrameDecoder.Frame.Text(String nodeId, String text) -> {
                    Consumer<PromptSignal> subscriber = runningPrompt == null ? null : subscribers.get(runningPrompt);
                    if (subscriber != null) {
                        subscriber.accept(new PromptSignal.Text(nodeId, text));
                    }
                }
            }
        }

        private void end() {
            lost = true;
            greeted.completeExceptionally(new IllegalStateException("closed"));
            lost(this);
        }

        private void abandon() {
            WebSocket open = socket;
            if (open != null) {
                open.abort();
            }
            dropFrame();
            end();
        }

        private void keepAlive() {
            WebSocket open = socket;
            while (open != null && !lost && !closed) {
                try {
                    Thread.sleep(pingInterval);
                } catch (InterruptedException e) {
                    return;
                }
                if (System.nanoTime() - lastHeard > pingInterval.toNanos() * 5 / 2) {
                    abandon();
                    return;
                }
                var _ = open.sendPing(ByteBuffer.allocate(0)).whenComplete((done, failure) -> {
                    if (failure != null) {
                        abandon();
                    }
                });
            }
        }
    }
}
