package dev.comfygateway.systemtests;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One process that is there to be ended. It starts again at the same address with the same data, as under any
 * supervisor. Used by one thread at a time.
 */
final class Part implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    private static final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private final String name;
    private final List<String> command;
    private final Map<String, String> environment;
    private final Path log;
    private final @Nullable URI ready;
    private @Nullable Process process;
    private boolean wanted;

    /**
     * @param log gets the output of all its lives
     * @param ready answers 200 when it serves; without one it writes a line that begins with READY
     */
    Part(String name, List<String> command, Map<String, String> environment, Path log, @Nullable URI ready) {
        this.name = name;
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.log = log;
        this.ready = ready;
    }

    String name() {
        return name;
    }

    /**
     * Starts it and returns when it serves. A life that ends before that is followed by another: what it needs may be
     * away.
     */
    void start() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        wanted = true;
        try {
            while (System.nanoTime() < deadline) {
                long logStart = Files.exists(log) ? Files.size(log) : 0;
                Process started = spawn();
                while (started.isAlive() && System.nanoTime() < deadline) {
                    if (serves(logStart)) {
                        return;
                    }
                    started.waitFor(100, TimeUnit.MILLISECONDS);
                }
            }
            throw new AssertionError(name + " did not serve within " + START_LIMIT + ", see " + log);
        } catch (IOException e) {
            throw new AssertionError(name + " could not be started", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    /** Kills it without a warning, and everything that it has started. */
    void kill() {
        wanted = false;
        if (process != null) {
            List<ProcessHandle> started = process.descendants().toList();
            process.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
            process.onExit().join();
        }
    }

    /** Stops its clock: no thread of it runs until {@link #resume}. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    /** Whether it should run but has ended by itself. */
    boolean hasEndedByItself() {
        return wanted && (process == null || !process.isAlive());
    }

    private Process spawn() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        Process started = builder.start();
        process = started;
        return started;
    }

    private boolean serves(long logStart) throws IOException, InterruptedException {
        if (ready == null) {
            try (var in = Files.newInputStream(log)) {
                in.skipNBytes(logStart);
                return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .anyMatch(line -> line.startsWith("READY"));
            }
        }
        try {
            HttpRequest request =
                    HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(5)).build();
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private void signal(String which) {
        if (process == null) {
            throw new AssertionError(name + " does not run");
        }
        try {
            int status = new ProcessBuilder("kill", "-" + which, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new AssertionError(name + " cannot be sent " + which);
            }
        } catch (IOException e) {
            throw new AssertionError(name + " cannot be sent " + which, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }

    /** Lets it end in order, and kills it when that takes too long. */
    @Override
    public void close() {
        wanted = false;
        if (process == null) {
            return;
        }
        try {
            process.getOutputStream().close();
            if (process.waitFor(40, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // Killed below.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        kill();
    }
}
