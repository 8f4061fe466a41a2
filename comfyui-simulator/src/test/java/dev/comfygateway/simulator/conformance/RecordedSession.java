package dev.comfygateway.simulator.conformance;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * One recorded session: what its client did, and what the server said.
 *
 * @param name release and file, for example {@code 0.33.0/03-interrupt}
 * @param properties the settings that stand for the flags of the recorded server
 * @param steps actions ({@code do}) and messages ({@code heard}) in their order
 */
record RecordedSession(String name, Map<String, String> properties, List<JsonNode> steps) {

    RecordedSession {
        properties = Map.copyOf(properties);
        steps = List.copyOf(steps);
    }

    boolean isOld() {
        return name.startsWith("0.3.64/");
    }

    /** All sessions of both releases, by name. */
    static List<RecordedSession> all() {
        try (Stream<Path> files = Files.walk(folder())) {
            return files.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .map(RecordedSession::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path folder() {
        try {
            return Path.of(Objects.requireNonNull(RecordedSession.class.getResource("/captures"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static RecordedSession read(Path file) {
        List<JsonNode> lines = new ArrayList<>();
        try {
            Files.readAllLines(file).forEach(line -> lines.add(Json.parse(line)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        JsonNode head = lines.removeFirst();
        Map<String, String> properties = new TreeMap<>();
        head.path("properties")
                .properties()
                .forEach(
                        entry -> properties.put(entry.getKey(), entry.getValue().stringValue()));
        return new RecordedSession(head.get("session").stringValue(), properties, lines);
    }

    @Override
    public String toString() {
        return name;
    }
}
