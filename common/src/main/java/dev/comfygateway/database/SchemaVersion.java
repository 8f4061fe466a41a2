package dev.comfygateway.database;

import dev.comfygateway.blocking.StartupWait;
import dev.comfygateway.settings.InvalidSettingException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a schema has every migration that this version of its service needs. */
public final class SchemaVersion {

    private static final Logger log = LoggerFactory.getLogger(SchemaVersion.class);

    private SchemaVersion() {}

    /**
     * Blocks until somebody else has migrated. A schema that is newer than this version is good, too: during an update
     * the old version still runs.
     *
     * @throws InvalidSettingException when something is still missing after {@code patience}
     */
    public static void await(Flyway flyway, Duration patience) {
        StartupWait.await(
                        patience,
                        () -> missing(flyway),
                        missing -> log.atInfo()
                                .addKeyValue("missing", missing)
                                .log("Waiting for the migration of the schema"))
                .ifPresent(missing -> {
                    throw new InvalidSettingException(
                            "DATABASE_MIGRATE",
                            "is false, and after " + patience.toSeconds() + " s nobody else has migrated the schema: "
                                    + missing);
                });
    }

    private static Optional<String> missing(Flyway flyway) {
        try {
            MigrationInfoService found = flyway.info();
            return Arrays.stream(found.pending())
                    .map(each -> each.getVersion() == null ? each.getDescription() : "V" + each.getVersion())
                    .reduce((one, other) -> one + ", " + other);
        } catch (FlywayException e) {
            return Optional.of(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("the database does not answer"));
        }
    }
}
