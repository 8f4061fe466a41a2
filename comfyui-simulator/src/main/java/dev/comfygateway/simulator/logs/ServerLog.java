package dev.comfygateway.simulator.logs;

import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.socket.SocketHub;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The last lines of the log; clients that asked for it hear each new one. */
@Component
public class ServerLog {

    private static final int KEPT = 300;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS");

    private final SocketHub sockets;
    private final Deque<Line> lines = new ArrayDeque<>();
    private final Set<String> subscribers = ConcurrentHashMap.newKeySet();

    ServerLog(SocketHub sockets) {
        this.sockets = sockets;
    }

    private record Line(String time, String message) {}

    /** Keeps a line and tells it. Nothing here may log. */
    void add(LocalDateTime time, String message) {
        Line line = new Line(TIME.format(time), message + "\n");
        synchronized (lines) {
            lines.add(line);
            if (lines.size() > KEPT) {
                lines.remove();
            }
        }
        if (subscribers.isEmpty()) {
            return;
        }
        ObjectNode data = described(List.of(line));
        subscribers.removeIf(subscriber -> !sockets.knows(subscriber));
        subscribers.forEach(subscriber -> sockets.send(subscriber, "logs", data));
    }

    /** Begins or ends telling new lines to a client; who has gone is forgotten with the next line. */
    public void subscribe(String clientId, boolean enabled) {
        if (enabled && sockets.knows(clientId)) {
            subscribers.add(clientId);
        } else {
            subscribers.remove(clientId);
        }
    }

    /** The lines as one text. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Line line : kept()) {
            text.append(line.time).append(" - ").append(line.message);
        }
        return text.toString();
    }

    /** The lines with the size of the terminal they went to. */
    public ObjectNode described() {
        return described(kept());
    }

    private List<Line> kept() {
        synchronized (lines) {
            return new ArrayList<>(lines);
        }
    }

    private static ObjectNode described(List<Line> lines) {
        ObjectNode data = Json.object();
        ArrayNode entries = data.putArray("entries");
        lines.forEach(line -> entries.addObject().put("t", line.time).put("m", line.message));
        data.putObject("size").put("cols", 80).put("rows", 24);
        return data;
    }
}
