package dev.comfygateway.job.quota;

import dev.comfygateway.job.transaction.AdvisoryLock;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Lets one transaction at a time decide about a key's limits. */
final class KeyLock {

    private KeyLock() {}

    /** For submissions: waits for others of the key; released when the current transaction ends. */
    static Mono<Void> take(DatabaseClient database, String key) {
        return database.sql("select " + AdvisoryLock.SUBMISSIONS_OF_KEY.take("key"))
                .bind("key", key)
                .then();
    }

    /**
     * For claims, which may look at several keys: two that waited for each other would never end. False when another claim
     * decides about the key just now. The same claim again is waited for: what it is granting is its own.
     */
    static Mono<Boolean> tryTake(DatabaseClient database, String key, String claimId) {
        return database.sql("select " + AdvisoryLock.CLAIM.take("claim") + ", "
                        + AdvisoryLock.CLAIMS_OF_KEY.tryTake("key") + " as taken")
                .bind("key", key)
                .bind("claim", claimId)
                .map(row -> Boolean.TRUE.equals(row.get("taken", Boolean.class)))
                .one();
    }
}
