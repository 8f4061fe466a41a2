package dev.comfygateway.simulator.socket;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.graph.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All connected sockets by client id, and the rules of who gets which message. */
@Component
public class SocketHub implements DisposableBean {

    private final Map<String, ClientSocket> sockets = new LinkedHashMap<>();
    private int remaining;
    private @Nullable String runningClient;
    private @Nullable String runningNode;

    private final FaultHooks faults;
    private final @Nullable PublishLoop loop;

    SocketHub(FaultHooks faults, SimulatorProperties properties) {
        this.faults = faults;
        this.loop = properties.stallOnSlowClient() ? new PublishLoop() : null;
    }

    /** Registers a socket and greets it. A second one of the same id takes the first one's place. */
    synchronized void connect(String clientId, ClientSocket socket) {
        sockets.put(clientId, socket);
        ObjectNode data = status();
        socket.send(message("status", data.put("sid", clientId)));
        if (clientId.equals(runningClient) && runningNode != null) {
            socket.send(message("executing", Json.object().put("node", runningNode)));
        }
    }

    /** Forgets the id, whichever socket it belongs to by now: the real server does the same. */
    synchronized void disconnect(String clientId) {
        sockets.remove(clientId);
    }

    /** Whether messages for that client would reach a socket. */
    public synchronized boolean knows(String clientId) {
        return sockets.containsKey(clientId);
    }

    /** Tells everybody how many prompts wait or run. */
    public void queueChanged(int count) {
        faults.deliver("status", null, () -> tellQueue(count));
    }

    private synchronized void tellQueue(int count) {
        remaining = count;
        broadcast(message("status", status()));
    }

    /** Remembers what runs, for clients that connect in the middle. */
    public synchronized void running(@Nullable String clientId, @Nullable String node) {
        runningClient = clientId;
        runningNode = node;
    }

    /** To one client; null is nobody. */
    public void send(@Nullable String clientId, String type, JsonNode data) {
        String text = message(type, data);
        faults.deliver(type, data, () -> deliver(clientId, text));
    }

    private void deliver(@Nullable String clientId, Object message) {
        if (clientId != null) {
            publish(() -> only(clientId), message);
        }
    }

    private synchronized List<ClientSocket> only(String clientId) {
        ClientSocket socket = sockets.get(clientId);
        return socket == null ? List.of() : List.of(socket);
    }

    private synchronized List<ClientSocket> everybody() {
        return List.copyOf(sockets.values());
    }

    /** Under the lock, so that all sockets hear the same order. */
    private synchronized void publish(Supplier<List<ClientSocket>> receivers, Object message) {
        if (loop == null) {
            receivers.get().forEach(socket -> socket.send(message));
        } else {
            loop.add(receivers, message);
        }
    }

    /** To one client; null is everybody. */
    public void sendOrBroadcast(@Nullable String clientId, String type, JsonNode data) {
        if (clientId != null) {
            send(clientId, type, data);
        } else if (hasSockets()) {
            String text = message(type, data);
            faults.deliver(type, data, () -> broadcast(text));
        }
    }

    /** A binary frame to one client; null is everybody. */
    public void sendBinary(@Nullable String clientId, byte[] frame) {
        faults.deliver("binary", null, clientId == null ? () -> broadcast(frame) : () -> deliver(clientId, frame));
    }

    /** Forgets all sockets and what runs, as a process does that ends. */
    public synchronized void forget() {
        sockets.clear();
        if (loop != null) {
            loop.forget();
        }
        remaining = 0;
        runningClient = null;
        runningNode = null;
    }

    @Override
    public void destroy() {
        if (loop != null) {
            loop.close();
        }
    }

    private synchronized boolean hasSockets() {
        return !sockets.isEmpty();
    }

    /** Whether that client understands previews with a description. */
    public synchronized boolean wantsPreviewMetadata(@Nullable String clientId) {
        ClientSocket socket = clientId == null ? null : sockets.get(clientId);
        return socket != null && socket.wantsPreviewMetadata();
    }

    private void broadcast(Object message) {
        publish(this::everybody, message);
    }

    private ObjectNode status() {
        ObjectNode data = Json.object();
        data.putObject("status").putObject("exec_info").put("queue_remaining", remaining);
        return data;
    }

    static String message(String type, JsonNode data) {
        ObjectNode message = Json.object().put("type", type);
        message.set("data", data);
        return Json.text(message);
    }
}
