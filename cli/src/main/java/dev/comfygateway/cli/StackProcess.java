package dev.comfygateway.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The stack as a child of ours: it holds our pipe, and ends when we do, however that happens. */
final class StackProcess implements AutoCloseable {

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(40);

    private final Process process;
    private final Path data;

    private StackProcess(Process process, Path data) {
        this.process = process;
        this.data = data;
    }

    /**
     * Starts it and returns at once; its progress lines go to our output.
     *
     * @param home the project's folder
     * @param comfyUi URL of a ComfyUI server, or null for the simulator
     * @param quick whether to be up sooner at the price of slower services
     */
    static StackProcess start(Path home, Path data, @Nullable String comfyUi, boolean quick) throws IOException {
        Path target = home.resolve("standalone").resolve("target");
        if (!Files.isDirectory(target.resolve("lib"))) {
            throw new CommandFailure("The project is not built yet: ./mvnw -DskipTests package");
        }
        // A stack.json of an earlier run must not be taken for this one's; a running stack keeps its lock file.
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-cp",
                target.resolve("classes") + System.getProperty("path.separator") + target.resolve("lib") + "/*",
                "dev.comfygateway.standalone.StackLauncher",
                "--home",
                home.toString(),
                "--data",
                data.toString(),
                "--exit-on-stdin-close"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        if (comfyUi != null) {
            builder.environment().put("COMFYUI_URL", comfyUi);
        }
        if (quick) {
            // Compiling less thoroughly starts the stack in little more than half the time, and makes a job some ms
            // slower; whoever sets options of their own knows better.
            builder.environment().putIfAbsent("COMFYGW_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1");
        }
        StackProcess stack = new StackProcess(builder.start(), data);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stack-stop").unstarted(stack::close));
        return stack;
    }

    /** Blocks until everything is ready; {@code stack.json} as it is then. */
    JsonNode awaitReady() throws IOException, InterruptedException {
        Path file = data.resolve("stack.json");
        JsonMapper json = JsonMapper.builder().build();
        while (process.isAlive()) {
            if (Files.exists(file)) {
                JsonNode state = json.readTree(Files.readString(file));
                if (state.path("pid").asLong() == process.pid()) {
                    return state;
                }
            }
            Thread.sleep(100);
        }
        throw new CommandFailure("The stack did not start");
    }

    /** Blocks until the stack ends by itself; its exit code. */
    int awaitEnd() throws InterruptedException {
        return process.waitFor();
    }

    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It is gone already.
        }
        try {
            if (!process.waitFor(STOP_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
