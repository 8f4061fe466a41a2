package dev.comfygateway.blocking;

import java.time.Duration;
import java.util.Optional;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * The one place where a thread waits for reactive work: Kafka listeners, which must finish a record before the next,
 * and loops of our own. Refuses on an event loop.
 */
public final class BlockingBridge {

    private BlockingBridge() {}

    /** The result of the work; throws what it threw, or {@link IllegalStateException} when it takes too long. */
    public static <T> Optional<T> await(Mono<T> work, Duration timeout) {
        if (Schedulers.isInNonBlockingThread()) {
            throw new IllegalStateException("Must not wait on " + Thread.currentThread());
        }
        return work.blockOptional(timeout);
    }
}
