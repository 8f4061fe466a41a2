package dev.comfygateway.simulator.users;

import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The settings of the web UI, one file per user. */
@Component
public class UserSettings {

    private static final String FILE = "comfy.settings.json";

    UserSettings() {}

    /** All settings of a user. */
    public synchronized ObjectNode all(Path userFolder) throws IOException {
        Path file = userFolder.resolve(FILE);
        return Files.exists(file) && Json.parse(Files.readAllBytes(file)) instanceof ObjectNode settings
                ? settings
                : Json.object();
    }

    /** Puts settings beside those that are there, or in their place. */
    public synchronized void merge(Path userFolder, ObjectNode changes) throws IOException {
        ObjectNode settings = all(userFolder);
        settings.setAll(changes);
        WholeFile.write(userFolder.resolve(FILE), Json.bytes(settings));
    }

    /** Puts one setting. */
    public void set(Path userFolder, String name, JsonNode value) throws IOException {
        ObjectNode change = Json.object();
        change.set(name, value);
        merge(userFolder, change);
    }
}
