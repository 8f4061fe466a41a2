package dev.comfygateway.webhook.delivery;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Stored deliveries. Nothing here blocks; database errors arrive as Spring's {@code DataAccessException}. */
public interface Deliveries {

    /** Stores a delivery that is due at once; false when one with that id exists, which is then left as it is. */
    Mono<Boolean> add(NewDelivery delivery);

    /**
     * Leases due deliveries, oldest first, and counts the try. Several processes may call this at the same time; none
     * gets what another holds. A lease that is not ended within its time makes the delivery due again.
     */
    Flux<DueDelivery> takeDue(int limit, Duration lease);

    Mono<Void> markDelivered(DueDelivery delivery, int status);

    /** Makes the delivery due again after a delay. */
    Mono<Void> markForRetry(DueDelivery delivery, @Nullable Integer status, String error, Duration delay);

    Mono<Void> markFailed(DueDelivery delivery, @Nullable Integer status, String error);

    /** Deliveries of a job, oldest first. */
    Flux<Delivery> ofJob(String jobId);

    Mono<Delivery> find(String id);

    /** Makes a delivery due now with all its tries before it; leaves one alone that is being sent right now. */
    Mono<Void> reset(String id);

    Mono<Long> countPending();
}
