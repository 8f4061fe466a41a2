package dev.comfygateway.storage.asset;

import java.time.Instant;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Where assets are recorded. Never blocks; failures are {@code DataAccessException}s. */
public interface AssetRepository {

    /** Records a new upload. */
    Mono<Void> add(Asset asset);

    /**
     * Records an announced output. The position in its attempt decides what is the same output: announced again while
     * pending, the new facts replace the old; otherwise what is recorded stays.
     *
     * @return what is recorded now
     */
    Mono<Asset> announce(Asset asset);

    /** The asset in any state, or empty. */
    Mono<Asset> find(String id);

    /** The assets among {@code ids} that are ready and belong to the tenant, in no order. */
    Flux<Asset> findReady(String tenant, Collection<String> ids);

    /** Pending becomes ready. Empty when it was not pending. */
    Mono<Asset> markReady(String id, Instant at);

    /** Any state becomes discarded. */
    Mono<Void> discard(String id);

    /** Records that the bytes of a discarded asset are gone. */
    Mono<Void> markRemoved(String id, Instant at);

    /**
     * Records how a job ended and discards the outputs of all attempts but the winning one.
     *
     * @param winningAttemptId null when the job ended without a result
     * @return the discarded outputs whose bytes are not yet removed, also those of an earlier, interrupted call
     */
    Flux<Asset> end(String jobId, @Nullable String winningAttemptId, Instant at);

    /** Whether the job has ended, and not with this attempt's result. */
    Mono<Boolean> endedWithout(String jobId, String attemptId);
}
