package dev.comfygateway.job.quota;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Mono;

/** Keeps the number of a key's running jobs below its limit, exactly. */
@Component
public class ParallelLimits {

    private final DatabaseClient database;
    private final TransactionalOperator transactions;
    private final QuotaProperties quotas;

    ParallelLimits(DatabaseClient database, TransactionalOperator transactions, QuotaProperties quotas) {
        this.database = database;
        this.transactions = transactions;
        this.quotas = quotas;
    }

    /** Whether any key has a limit, so that a grant may need a transaction. */
    public boolean exist() {
        return quotas.limitParallel();
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
     * Grants a job of the key, if that may run one more now. While it does, nobody else may for the same key, or two claims
     * at once could both take the last place; so a key with a limit needs a transaction, in which the grant is made.
     *
     * @param claimId claims with the same id follow one another
     * @param full called when it may not; the answer is empty then
     */
    public <T> Mono<T> within(String key, String claimId, Mono<T> grant, Runnable full) {
        int most = quotas.parallelOf(key);
        if (most <= 0) {
            return grant;
        }
        return transactions.transactional(KeyLock.tryTake(database, key, claimId)
                .flatMap(taken -> taken ? isBelow(key, most) : Mono.just(false))
                .flatMap(below -> below ? grant : Mono.fromRunnable(full)));
    }

    private Mono<Boolean> isBelow(String key, int most) {
        return database.sql("select count(*)::integer as n from jobs.job"
                        + " where status in ('running', 'canceling') and submitted_by = :key")
                .bind("key", key)
                .map(row -> Columns.number(row, "n") < most)
                .one();
    }
}
