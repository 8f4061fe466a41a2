package dev.comfygateway.standalone;

import dev.comfygateway.standalone.process.Child;
import dev.comfygateway.standalone.process.ChildPlan;
import dev.comfygateway.standalone.process.Readiness;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Real child processes with this test's class path. */
public final class JavaChild {

    private JavaChild() {}

    /** Starts a main class and waits for its READY line. */
    public static Child ready(String main, Path folder, Map<String, String> environment) throws Exception {
        Child child = spawn(main, folder, environment);
        Awaitility.await()
                .atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    if (!child.process().isAlive()) {
                        throw new IllegalStateException(child.reason());
                    }
                    return child.plan().readiness().isReady(child);
                });
        return child;
    }

    /** Starts a main class and returns at once. */
    public static Child spawn(String main, Path folder, Map<String, String> environment, String... arguments)
            throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(List.of(arguments));
        return Child.spawn(new ChildPlan(
                main,
                command,
                environment,
                Set.of(),
                folder,
                folder.resolve(main + ".log"),
                Readiness.byLine(),
                Duration.ofMinutes(1),
                ""));
    }

    /** As {@code kill -9} does. */
    public static void kill(Child child) throws InterruptedException {
        child.process().destroyForcibly();
        child.process().waitFor(10, TimeUnit.SECONDS);
    }

    /** Closes standard input only and waits for the end. */
    public static boolean endsWhenStdinCloses(Child child) throws Exception {
        child.process().getOutputStream().close();
        return child.process().waitFor(30, TimeUnit.SECONDS);
    }

    /** Processes, besides ourselves, whose command line names the folder. */
    public static List<ProcessHandle> processesOf(Path folder) {
        return ProcessHandle.allProcesses()
                .filter(ProcessHandle::isAlive)
                .filter(handle -> handle.pid() != ProcessHandle.current().pid())
                .filter(handle -> handle.info().commandLine().orElse("").contains(folder.toString()))
                .toList();
    }
}
