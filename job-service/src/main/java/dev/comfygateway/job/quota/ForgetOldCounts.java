package dev.comfygateway.job.quota;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.job.usage.UsageProperties;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** Deletes what no longer counts: the days of keys that are over, and use of GPUs that has faded away. */
@Component
class ForgetOldCounts {

    private static final Logger log = LoggerFactory.getLogger(ForgetOldCounts.class);
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final DatabaseClient database;
    private final UsageProperties usage;

    ForgetOldCounts(DatabaseClient database, UsageProperties usage) {
        this.database = database;
        this.usage = usage;
    }

    @Scheduled(initialDelay = 60_000, fixedDelay = 3_600_000)
    void forget() {
        try {
            BlockingBridge.await(
                    database.sql(
                                    "delete from jobs.key_day where day < (clock_timestamp() at time zone 'UTC')::date - 1")
                            .then()
                            .then(database.sql("delete from jobs.tenant_usage where greatest(at, granted_at)"
                                            + " < clock_timestamp() - make_interval(secs => :oldest)")
                                    .bind("oldest", usage.forgottenAfterSeconds())
                                    .then()),
                    LONGEST);
        } catch (RuntimeException e) {
            log.warn("Old counts could not be deleted: {}", String.valueOf(e.getMessage()));
        }
    }
}
