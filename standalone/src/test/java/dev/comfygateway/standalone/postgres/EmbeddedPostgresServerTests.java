package dev.comfygateway.standalone.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.standalone.FreePorts;
import dev.comfygateway.standalone.JavaChild;
import dev.comfygateway.standalone.process.Child;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedPostgresServerTests {

    @TempDir
    Path folder;

    private final int port = FreePorts.some(1).getFirst();

    @Test
    void keepsDataAndLeavesNoServerBehind() throws Exception {
        Child first = start();
        assertThat(query("SHOW fsync")).isEqualTo("on");
        assertThat(query("SHOW synchronous_commit")).isEqualTo("on");
        execute("CREATE TABLE kept (value text)");
        execute("INSERT INTO kept VALUES ('yesterday')");
        assertThat(JavaChild.endsWhenStdinCloses(first)).isTrue();
        assertNothingLeft();

        Child second = start();
        assertThat(query("SELECT value FROM kept")).isEqualTo("yesterday");
        JavaChild.kill(second);
        // At once: the server of the killed run may still be there.
        Child third = start();
        assertThat(query("SELECT value FROM kept")).isEqualTo("yesterday");

        JavaChild.kill(third);
        assertNothingLeft();
    }

    @Test
    void leavesNothingBehindWhenStdinClosesDuringTheStart() throws Exception {
        Child child = JavaChild.spawn(EmbeddedPostgresServer.class.getName(), folder, environment());
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> folder.resolve("postgres/cluster").toFile().exists());
        assertThat(JavaChild.endsWhenStdinCloses(child)).isTrue();
        assertNothingLeft();

        Child next = start();
        assertThat(query("SELECT 'works'")).isEqualTo("works");
        assertThat(JavaChild.endsWhenStdinCloses(next)).isTrue();
        assertNothingLeft();
    }

    private void assertNothingLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(JavaChild.processesOf(folder)).isEmpty());
    }

    private Child start() throws Exception {
        return JavaChild.ready(EmbeddedPostgresServer.class.getName(), folder, environment());
    }

    private Map<String, String> environment() {
        return Map.of(
                "POSTGRES_PORT", String.valueOf(port),
                "POSTGRES_DATA", folder.resolve("postgres").toString());
    }

    private String query(String sql) throws Exception {
        try (var connection = DriverManager.getConnection(url(), "postgres", "postgres");
                var statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return String.valueOf(row.getString(1));
        }
    }

    private void execute(String sql) throws Exception {
        try (var connection = DriverManager.getConnection(url(), "postgres", "postgres");
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + EmbeddedPostgresServer.DATABASE;
    }
}
