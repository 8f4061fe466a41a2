package dev.comfygateway.standalone.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server process of a database cluster, known by the cluster's {@code postmaster.pid}. */
final class Postmaster {

    private static final Logger log = LoggerFactory.getLogger(Postmaster.class);

    private Postmaster() {}

    /**
     * Stops a server that a killed run has left behind, and removes a pid file that names no server of this cluster:
     * after a reboot the number may belong to somebody else, and PostgreSQL would refuse to start.
     */
    static void stopLeftOver(Path cluster) throws IOException, InterruptedException {
        Path pidFile = cluster.resolve("postmaster.pid");
        Optional<ProcessHandle> server = running(cluster, pidFile);
        if (server.isPresent()) {
            log.info(
                    "Stopping the PostgreSQL server {} of an earlier run",
                    server.get().pid());
            signal("INT", server.get());
            if (!endsWithin(server.get(), 15)) {
                signal("QUIT", server.get());
                if (!endsWithin(server.get(), 5)) {
                    throw new IOException(
                            "The PostgreSQL server " + server.get().pid() + " does not stop");
                }
            }
        }
        Files.deleteIfExists(pidFile);
    }

    private static Optional<ProcessHandle> running(Path cluster, Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(pidFile);
        if (lines.isEmpty() || !lines.getFirst().strip().matches("\\d+")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
                .filter(ProcessHandle::isAlive)
                .filter(handle -> handle.info()
                        .commandLine()
                        .map(command -> command.contains("postgres") && command.contains(cluster.toString()))
                        .orElse(false));
    }

    private static void signal(String name, ProcessHandle process) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    private static boolean endsWithin(ProcessHandle process, long seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (process.isAlive()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.sleep(50);
        }
        return true;
    }
}
