package dev.comfygateway.systemtests;

import dev.comfygateway.systemtests.ApiClient.ServerEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Puts the lines of an event stream together. */
final class EventReader {

    private final List<ServerEvent> events = new ArrayList<>();
    private final Consumer<ServerEvent> each;
    private String id = "";
    private String name = "message";
    private final StringBuilder data = new StringBuilder();

    EventReader(Consumer<ServerEvent> each) {
        this.each = each;
    }

    void line(String line) {
        if (line.isEmpty()) {
            if (!data.isEmpty()) {
                ServerEvent event = new ServerEvent(id, name, Json.read(data.toString()));
                events.add(event);
                each.accept(event);
            }
            id = "";
            name = "message";
            data.setLength(0);
        } else if (line.startsWith("id:")) {
            id = line.substring(3).strip();
        } else if (line.startsWith("event:")) {
            name = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
            data.append(line.substring(5).strip());
        }
    }

    List<ServerEvent> events() {
        return List.copyOf(events);
    }
}
