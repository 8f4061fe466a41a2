package dev.comfygateway.cli;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One server-sent event.
 *
 * @param name its type
 * @param data its JSON data
 */
record ServerEvent(String name, JsonNode data) {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Puts lines together to events. Remembers the last id over several connections. */
    static final class Reader {

        private final StringBuilder data = new StringBuilder();
        private String name = "message";
        private String id = "";
        private String lastId = "";

        String lastId() {
            return lastId;
        }

        /** The event that this line completes, or null. */
        @Nullable
        ServerEvent accept(String line) {
            if (line.isEmpty()) {
                return complete();
            }
            int colon = line.indexOf(':');
            if (colon == 0) {
                return null;
            }
            String field = colon < 0 ? line : line.substring(0, colon);
            String value = colon < 0 ? "" : line.substring(colon + 1);
            if (value.startsWith(" ")) {
                value = value.substring(1);
            }
            switch (field) {
                case "event" -> name = value;
                case "id" -> id = value;
                case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
                default -> {
                    // Such as retry: we have our own pace.
                }
            }
            return null;
        }

        private @Nullable ServerEvent complete() {
            if (!id.isEmpty()) {
                lastId = id;
            }
            String text = data.toString();
            String event = name;
            data.setLength(0);
            name = "message";
            if (text.isEmpty()) {
                return null;
            }
            try {
                return new ServerEvent(event, JSON.readTree(text));
            } catch (JacksonException e) {
                return null;
            }
        }
    }
}
