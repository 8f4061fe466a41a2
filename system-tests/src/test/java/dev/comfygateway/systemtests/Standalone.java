package dev.comfygateway.systemtests;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The programs of the {@code standalone} module, which is a folder of classes and libraries, not one jar. */
final class Standalone {

    private Standalone() {}

    /** What starts a program on its class path: one of its own, named from the module's package on, or another's. */
    static List<String> command(String main) {
        Path target = Path.of(System.getProperty("project.root", ".."))
                .toAbsolutePath()
                .resolve("standalone/target");
        return List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-cp",
                target.resolve("classes") + ":" + target.resolve("lib") + "/*",
                main.startsWith("dev.") ? main : "dev.comfygateway.standalone." + main);
    }

    /** Creates every topic, also those of further pools; returns when they are there. */
    static void createTopics(String kafka, String pools, Path logs) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command("dev.comfygateway.topic.TopicSetup"));
        builder.environment().putAll(Map.of("KAFKA_BOOTSTRAP_SERVERS", kafka, "JOB_POOLS", pools));
        Path log = logs.resolve("topics.log");
        Process setup =
                builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        if (!setup.waitFor(2, TimeUnit.MINUTES) || setup.exitValue() != 0) {
            setup.destroyForcibly();
            throw new AssertionError("Topics were not created, see " + log);
        }
    }
}
