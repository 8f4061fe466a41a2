package dev.comfygateway.worker.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged ComfyUI simulator in a process of its own. */
public final class SimulatorProcess implements AutoCloseable {

    private static final Pattern STARTED = Pattern.compile("Netty started on port (\\d+)");

    private final Process process;
    private final URI url;

    /** Blocks until it listens on a free port of the loopback interface. */
    public SimulatorProcess(String... settings) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:TieredStopAtLevel=1",
                "-Xmx256m",
                "-jar",
                jar().toString(),
                "--server.port=0",
                "--comfy.exit-on-stdin-close=true"));
        command.addAll(List.of(settings));
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
            BufferedReader output = process.inputReader();
            int port = -1;
            StringBuilder said = new StringBuilder();
            for (String line = output.readLine(); port < 0; line = output.readLine()) {
                if (line == null) {
                    throw new IllegalStateException("The simulator did not start:\n" + said);
                }
                said.append(line).append('\n');
                Matcher matcher = STARTED.matcher(line);
                port = matcher.find() ? Integer.parseInt(matcher.group(1)) : -1;
            }
            url = URI.create("http://127.0.0.1:" + port);
            keep(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it says goes to a file of its own, where a failure of it can be looked up. */
    private void keep(BufferedReader output) throws IOException {
        Path logs = Files.createDirectories(Path.of("target", "simulators"));
        Path log = logs.resolve(process.pid() + ".log");
        Thread.ofVirtual().start(() -> {
            try (PrintWriter lines = new PrintWriter(Files.newBufferedWriter(log), true)) {
                output.lines().forEach(lines::println);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    public URI url() {
        return url;
    }

    @Override
    public void close() {
        process.destroy();
    }

    private static Path jar() {
        Path folder = Path.of("..", "comfyui-simulator", "target");
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "comfyui-simulator-*-exec.jar")) {
                for (Path jar : found) {
                    return jar;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        throw new IllegalStateException("The simulator is not packaged: build with \"verify\", or package it first");
    }
}
