package dev.comfygateway.database;

import dev.comfygateway.settings.InvalidSettingException;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfoService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a schema has every migration that this version of its service needs. */
public final class SchemaVersion {

    private static final Logger log = LoggerFactory.getLogger(SchemaVersion.class);
    private static final Duration PAUSE = Duration.ofMillis(500);

    private SchemaVersion() {}

    /**
     * Blocks until somebody else has migrated. A schema that is newer than this version is good, too: during an update
     * the old version still runs.
     *
     * @throws InvalidSettingException when something is still missing after {@code patience}
     */
    public static void await(Flyway flyway, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        boolean told = false;
        while (true) {
            String missing = missing(flyway);
            if (missing.isEmpty()) {
                return;
            }
            if (System.nanoTime() > end) {
                throw new InvalidSettingException(
                        "DATABASE_MIGRATE",
                        "is false, and after " + patience.toSeconds() + " s nobody else has migrated the schema: "
                                + missing);
            }
            if (!told) {
                told = true;
                log.atInfo().addKeyValue("missing", missing).log("Waiting for the migration of the schema");
            }
            pause();
        }
    }

    private static String missing(Flyway flyway) {
        try {
            MigrationInfoService found = flyway.info();
            return Arrays.stream(found.pending())
                    .map(each -> each.getVersion() == null ? each.getDescription() : "V" + each.getVersion())
                    .collect(Collectors.joining(", "));
        } catch (FlywayException e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("the database does not answer");
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the migration", e);
        }
    }
}
