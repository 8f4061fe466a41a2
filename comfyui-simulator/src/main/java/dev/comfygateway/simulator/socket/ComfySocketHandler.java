package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketMessage;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Serves {@code /ws}. */
@Component
public class ComfySocketHandler implements WebSocketHandler {

    private static final Logger log = LoggerFactory.getLogger(ComfySocketHandler.class);

    private final SocketHub hub;
    private final ServerFeatures features;
    private final int capacity;

    ComfySocketHandler(SocketHub hub, ServerFeatures features, SimulatorProperties properties) {
        this.hub = hub;
        this.features = features;
        this.capacity = properties.socketQueue();
    }

    @Override
    public Mono<Void> handle(WebSocketSession session) {
        String given = UriComponentsBuilder.fromUri(session.getHandshakeInfo().getUri())
                .build()
                .getQueryParams()
                .getFirst("clientId");
        String clientId =
                given == null || given.isEmpty() ? UUID.randomUUID().toString().replace("-", "") : given;
        ClientSocket socket = new ClientSocket(capacity);
        AtomicBoolean first = new AtomicBoolean(true);
        Mono<Void> send = session.send(socket.outbound()
                .map(message -> message instanceof byte[] frame
                        ? session.binaryMessage(buffers -> buffers.wrap(frame))
                        : session.textMessage((String) message)));
        Mono<Void> receive = session.receive()
                .doOnNext(message -> {
                    if (message.getType() == WebSocketMessage.Type.TEXT && first.getAndSet(false)) {
                        readFeatures(socket, message.getPayloadAsText());
                    }
                })
                .then();
        hub.connect(clientId, socket);
        log.info("socket opened client={}", clientId);
        return Mono.firstWithSignal(send, receive)
                .onErrorResume(error -> {
                    log.info("socket dropped client={} reason={}", clientId, error.getMessage());
                    return session.close();
                })
                .doFinally(signal -> {
                    hub.disconnect(clientId);
                    socket.close();
                });
    }

    private void readFeatures(ClientSocket socket, String text) {
        JsonNode message;
        try {
            message = Json.parse(text);
        } catch (JacksonException e) {
            return;
        }
        if (!message.path("type").asString("").equals("feature_flags")) {
            return;
        }
        if (message.at("/data/supports_preview_metadata").asBoolean(false)) {
            socket.announcePreviewMetadata();
        }
        socket.send(SocketHub.message("feature_flags", features.toJson()));
    }
}
