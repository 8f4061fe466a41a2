package dev.comfygateway.systemtests;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The packaged stack, started the way a user starts it: one launcher process with the services as its children. */
final class Stack implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(3);

    private final Process launcher;
    private final OutputStream stdin;
    private final Path data;
    private final JsonNode description;

    private Stack(Process launcher, Path data, JsonNode description) {
        this.launcher = launcher;
        this.stdin = launcher.getOutputStream();
        this.data = data;
        this.description = description;
    }

    /** Starts on a data folder and returns when the stack says it is ready. */
    static Stack start(Path data, Map<String, String> environment) {
        try {
            Path absolute = Files.createDirectories(data).toAbsolutePath();
            Files.deleteIfExists(absolute.resolve("stack.json"));
            Path root = Path.of(System.getProperty("project.root", ".."));
            List<String> command = new ArrayList<>(Standalone.command("StackLauncher"));
            command.addAll(List.of(
                    "--home",
                    root.toAbsolutePath().normalize().toString(),
                    "--exit-on-stdin-close",
                    "--data",
                    absolute.toString()));
            ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
            builder.environment().putAll(environment);
            builder.redirectErrorStream(true)
                    .redirectOutput(absolute.resolve("launcher.log").toFile());
            Process launcher = builder.start();
            return new Stack(launcher, absolute, awaitReady(launcher, absolute));
        } catch (IOException e) {
            throw new AssertionError("The stack could not be started", e);
        }
    }

    private static JsonNode awaitReady(Process launcher, Path data) throws IOException {
        Instant deadline = Instant.now().plus(START_LIMIT);
        Path file = data.resolve("stack.json");
        while (!Files.exists(file)) {
            try {
                if (launcher.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError("The launcher ended with " + launcher.exitValue() + ":\n"
                            + Files.readString(data.resolve("launcher.log")));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("Interrupted", e);
            }
            if (Instant.now().isAfter(deadline)) {
                launcher.destroyForcibly();
                throw new AssertionError(
                        "Not ready in " + START_LIMIT + ":\n" + Files.readString(data.resolve("launcher.log")));
            }
        }
        return Json.read(Files.readString(file));
    }

    ApiClient api() {
        return new ApiClient(URI.create(description.get("gatewayUrl").asString()));
    }

    /** The secret webhooks are signed with. */
    String webhookSecret() {
        return secret("webhook-secret");
    }

    /** One of the secrets that the launcher made for its data folder. */
    String secret(String name) {
        try (Stream<String> lines = Files.lines(data.resolve("secrets.properties"))) {
            return lines.filter(line -> line.startsWith(name + "="))
                    .map(line -> line.substring(name.length() + 1))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("No " + name + " in secrets.properties"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Where Kafka listens. */
    String kafka() {
        return description.get("kafka").asString();
    }

    /** The ComfyUI of the stack's own worker. */
    URI comfyUi() {
        return URI.create(description.get("comfyUiUrl").asString());
    }

    /** Address of one of the parts. */
    String address(String part) {
        return description.at("/processes/" + part + "/address").asString();
    }

    /** The process of one part now; it changes when the launcher restarts the part. */
    ProcessHandle process(String part) {
        return launcher.children()
                .filter(child -> child.info()
                        .commandLine()
                        .map(line -> line.contains(part))
                        .orElse(false))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No process " + part));
    }

    /** Every process of the stack except the launcher. */
    List<ProcessHandle> descendants() {
        return launcher.descendants().toList();
    }

    /** Kills the launcher alone, as {@code kill -9} does. */
    void killLauncher() {
        launcher.destroyForcibly();
    }

    @Override
    public void close() throws IOException {
        stdin.close();
        try {
            if (!launcher.waitFor(60, TimeUnit.SECONDS)) {
                launcher.descendants().forEach(ProcessHandle::destroyForcibly);
                launcher.destroyForcibly();
                throw new AssertionError("The stack did not stop within 60 s of its standard input closing");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
