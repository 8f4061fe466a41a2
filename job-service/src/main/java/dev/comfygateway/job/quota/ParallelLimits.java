package dev.comfygateway.job.quota;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Keeps the number of a key's running jobs below its limit, exactly. */
@Component
public class ParallelLimits {

    private final DatabaseClient database;
    private final QuotaProperties quotas;

    ParallelLimits(DatabaseClient database, QuotaProperties quotas) {
        this.database = database;
        this.quotas = quotas;
    }

    /** Keys that run as many jobs as they may. */
    public Set<String> full(Map<String, Integer> runningByKey) {
        return runningByKey.entrySet().stream()
                .filter(running -> quotas.parallelOf(running.getKey()) > 0
                        && running.getValue() >= quotas.parallelOf(running.getKey()))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Whether the key may run one more job now. Until the transaction ends nobody else is told so for the same key, or two
     * claims at once could both take the last place.
     */
    public Mono<Boolean> allows(String key) {
        int most = quotas.parallelOf(key);
        if (most <= 0) {
            return Mono.just(true);
        }
        return KeyLock.tryTake(database, key).flatMap(taken -> taken ? isBelow(key, most) : Mono.just(false));
    }

    private Mono<Boolean> isBelow(String key, int most) {
        return database.sql("select count(*)::integer as n from jobs.job"
                        + " where status in ('running', 'canceling') and submitted_by = :key")
                .bind("key", key)
                .map(row -> Columns.number(row, "n") < most)
                .one();
    }
}
