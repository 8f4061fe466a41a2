package dev.comfygateway.systemtests;

import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One more packaged process beside a {@link Stack}, started with the options that the stack gives its own. */
final class Packaged implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Process process;
    private final OutputStream stdin;
    private final URI address;

    private Packaged(Process process, URI address) {
        this.process = process;
        this.stdin = process.getOutputStream();
        this.address = address;
    }

    /**
     * Starts a module's jar on a free port and returns when it answers.
     *
     * @param name of this process, for its log
     * @param ready the path that answers 200 then
     */
    static Packaged start(String module, String name, Path logs, String ready, Map<String, String> environment) {
        try {
            int port = freePort();
            ProcessBuilder builder = new ProcessBuilder(command(module));
            builder.environment().putAll(environment);
            builder.environment().putAll(Map.of("PORT", String.valueOf(port), "HOST", "127.0.0.1"));
            builder.redirectErrorStream(true)
                    .redirectOutput(logs.resolve(name + ".log").toFile());
            Packaged started = new Packaged(builder.start(), URI.create("http://127.0.0.1:" + port));
            started.awaitReady(name, ready);
            return started;
        } catch (IOException e) {
            throw new AssertionError(name + " could not be started", e);
        }
    }

    /** What starts a module's jar; its port and host come from the environment. */
    static List<String> command(String module) throws IOException {
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx320m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dspring.jmx.enabled=false",
                "-jar",
                jar(module).toString(),
                "--comfy.exit-on-stdin-close=true");
    }

    URI address() {
        return address;
    }

    private void awaitReady(String name, String ready) {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        HttpRequest request = HttpRequest.newBuilder(address.resolve(ready))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            while (System.nanoTime() < deadline) {
                try {
                    if (http.send(request, BodyHandlers.discarding()).statusCode() == 200) {
                        return;
                    }
                } catch (IOException e) {
                    // It does not listen yet.
                }
                if (process.waitFor(100, TimeUnit.MILLISECONDS)) {
                    throw new AssertionError(name + " ended with " + process.exitValue());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        throw new AssertionError(name + " was not ready within " + START_LIMIT);
    }

    private static Path jar(String module) throws IOException {
        Path target = Path.of(System.getProperty("project.root", ".."))
                .toAbsolutePath()
                .resolve(module)
                .resolve("target");
        try (DirectoryStream<Path> found = Files.newDirectoryStream(target, module + "-*-exec.jar")) {
            for (Path jar : found) {
                return jar;
            }
        }
        throw new AssertionError("No packaged " + module);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        try {
            stdin.close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            process.destroyForcibly();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
