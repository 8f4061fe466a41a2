package dev.comfygateway.standalone;

import dev.comfygateway.standalone.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** {@code stack.json}: where everything is, for tools. It is there exactly while the stack is ready. */
final class StackState {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final StackSettings settings;
    private final StackAddresses addresses;
    private final Secrets secrets;
    private final Path file;

    StackState(StackSettings settings, StackAddresses addresses, Secrets secrets) {
        this.settings = settings;
        this.addresses = addresses;
        this.secrets = secrets;
        this.file = settings.data().resolve("stack.json");
    }

    void write(Map<String, Child> children) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pid", ProcessHandle.current().pid());
        json.put("home", settings.home().toString());
        json.put("data", settings.data().toString());
        json.put("gatewayUrl", addresses.url(StackAddresses.GATEWAY));
        json.put("docsUrl", addresses.url(StackAddresses.GATEWAY) + "/docs");
        json.put("authEnabled", settings.authEnabled());
        json.put("kafka", addresses.kafka());
        json.put("s3Endpoint", addresses.s3(secrets).endpoint());
        json.put("comfyUiUrl", addresses.comfyUi());
        json.put("simulated", settings.comfyUi().isEmpty());
        // An external database's URL holds a password; ours does not protect anything.
        if (settings.database().isEmpty()) {
            json.put("databaseUrl", addresses.database());
        }
        json.put("secrets", secrets.file().toString());
        Map<String, Object> processes = new LinkedHashMap<>();
        children.forEach((name, child) -> processes.put(
                name,
                Map.of(
                        "pid", child.process().pid(),
                        "port", addresses.port(name),
                        "address", child.plan().address(),
                        "log", child.plan().log().toString())));
        json.put("processes", processes);
        Path next = file.resolveSibling("stack.json.new");
        Files.writeString(next, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    void remove() throws IOException {
        Files.deleteIfExists(file);
    }
}
