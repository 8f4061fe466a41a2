package dev.comfygateway.job.quota;

import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/** Lets one transaction at a time decide about a key's limits. */
final class KeyLock {

    private KeyLock() {}

    /** Waits for other transactions that hold the lock; it is released when the current one ends. */
    static Mono<Void> take(DatabaseClient database, String key) {
        return database.sql("select pg_advisory_xact_lock(hashtextextended(:key, 71))")
                .bind("key", key)
                .then();
    }
}
