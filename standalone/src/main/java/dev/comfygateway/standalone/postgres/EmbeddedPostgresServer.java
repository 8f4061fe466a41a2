package dev.comfygateway.standalone.postgres;

import dev.comfygateway.standalone.process.FolderLock;
import dev.comfygateway.standalone.process.ParentWatch;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A real PostgreSQL server whose data stay on disk. Prints {@code READY <port>} when the database {@value #DATABASE}
 * can be used, and stops the server when its standard input closes.
 *
 * <p>Settings by environment: {@code POSTGRES_PORT} and {@code POSTGRES_DATA}.
 */
public final class EmbeddedPostgresServer {

    /** The one database of all services. */
    public static final String DATABASE = "comfygateway";

    /** The server's only user; there is no password, as the server listens on 127.0.0.1 only. */
    public static final String USER = "postgres";

    private static final Logger log = LoggerFactory.getLogger(EmbeddedPostgresServer.class);

    private static final Duration PREDECESSOR_PATIENCE = Duration.ofSeconds(30);

    private EmbeddedPostgresServer() {}

    /** Runs until standard input closes. */
    public static void main(String[] args) throws Exception {
        ParentWatch.onEnd(System.in, () -> System.exit(0));
        Map<String, String> environment = System.getenv();
        int port = Integer.parseInt(environment.getOrDefault("POSTGRES_PORT", "5432"));
        Path data = Path.of(environment.getOrDefault("POSTGRES_DATA", "data/postgres"))
                .toAbsolutePath()
                .normalize();
        try {
            FolderLock lock = FolderLock.take(data.resolve("owner.lock"), PREDECESSOR_PATIENCE);
            Path cluster = data.resolve("cluster");
            Postmaster.stopLeftOver(cluster);
            putHalfMadeClusterAside(cluster);
            PostmasterGuard guard = PostmasterGuard.start(data, cluster);
            AtomicReference<@Nullable EmbeddedPostgres> server = new AtomicReference<>();
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform().name("postgres-stop").unstarted(() -> stop(server.get(), guard)));
            EmbeddedPostgres started = start(port, cluster);
            server.set(started);
            createDatabase(started);
            Files.writeString(mark(cluster), "");
            System.out.println("READY " + port);
            Thread.currentThread().join();
            lock.close();
        } catch (IOException | SQLException | IllegalStateException e) {
            log.error("PostgreSQL did not start: {}", e.getMessage(), e);
            System.exit(1);
        }
    }

    private static EmbeddedPostgres start(int port, Path cluster) throws IOException {
        return EmbeddedPostgres.builder()
                .setPort(port)
                .setDataDirectory(cluster)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                // Per user: the default folder would belong to whoever came first on this machine.
                .setOverrideWorkingDirectory(Path.of(
                                System.getProperty("java.io.tmpdir"),
                                "comfygw-postgres-" + System.getProperty("user.name"))
                        .toFile())
                .setPGStartupWait(Duration.ofSeconds(60))
                .setLocaleConfig("locale", "C")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "")
                // The library switches durability off for tests.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("max_connections", "200")
                .setServerConfig("shared_buffers", "128MB")
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(
                        cluster.resolveSibling("server.log").toFile()))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(
                        cluster.resolveSibling("server.log").toFile()))
                .start();
    }

    private static void createDatabase(EmbeddedPostgres server) throws SQLException {
        try (Connection connection = server.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        }
    }

    /**
     * An initdb that was killed leaves files that look like a cluster. Only one that has served once is marked, and
     * what is not marked is put aside, not deleted.
     */
    private static void putHalfMadeClusterAside(Path cluster) throws IOException {
        if (Files.exists(cluster) && !Files.exists(mark(cluster))) {
            Path aside = cluster.resolveSibling("cluster-unfinished-" + System.currentTimeMillis());
            log.info("Putting a database cluster that never served aside as {}", aside);
            Files.move(cluster, aside);
        }
    }

    private static Path mark(Path cluster) {
        return cluster.resolveSibling("cluster-has-served");
    }

    private static void stop(@Nullable EmbeddedPostgres server, PostmasterGuard guard) {
        if (server == null) {
            // Ended half-way through the start: only the guard can know when the server appears.
            return;
        }
        try {
            server.close();
            guard.dismiss();
        } catch (IOException | RuntimeException e) {
            log.warn("PostgreSQL did not stop in order; left to the guard", e);
        }
    }
}
