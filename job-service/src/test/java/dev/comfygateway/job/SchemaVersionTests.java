package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.comfygateway.database.SchemaVersion;
import dev.comfygateway.settings.InvalidSettingException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service that does not migrate its schema itself, with the migrations of this one. */
class SchemaVersionTests {

    private EmbeddedPostgres postgres;

    @BeforeEach
    void start() throws IOException {
        postgres = EmbeddedPostgres.start();
    }

    @AfterEach
    void stop() throws IOException {
        postgres.close();
    }

    @Test
    void waitsUntilSomebodyElseHasMigrated() throws Exception {
        CompletableFuture<Void> waiting =
                CompletableFuture.runAsync(() -> SchemaVersion.await(flyway("latest"), Duration.ofMinutes(1)));
        flyway("1").migrate();
        assertThat(waiting).isNotDone();

        flyway("latest").migrate();
        waiting.get(30, TimeUnit.SECONDS);
        // An older version of the service, during an update.
        SchemaVersion.await(flyway("1"), Duration.ZERO);
    }

    @Test
    void namesTheSettingAndWhatIsMissingWhenNobodyDoes() {
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> SchemaVersion.await(flyway("latest"), Duration.ZERO))
                .withMessageMatching("DATABASE_MIGRATE is false, .* nobody else has migrated the schema: V1, V.*");
    }

    private Flyway flyway(String target) {
        return Flyway.configure()
                .dataSource(postgres.getPostgresDatabase())
                .schemas("jobs")
                .defaultSchema("jobs")
                .locations("classpath:db/migration/jobs")
                .target(target)
                .load();
    }
}
