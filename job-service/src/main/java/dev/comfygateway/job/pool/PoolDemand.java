package dev.comfygateway.job.pool;

import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/**
 * How many slots a pool has work for, for whoever scales its workers: {@code GET /actuator/demand/<pool>}. What runs
 * counts too, so that a pool with as many slots as demand has only idle ones to give away when demand falls.
 */
@Component
@Endpoint(id = "demand")
class PoolDemand {

    private final ReadPools pools;

    PoolDemand(ReadPools pools) {
        this.pools = pools;
    }

    /**
     * Demand of a pool.
     *
     * @param queued jobs that wait
     * @param running jobs that a worker holds
     * @param demand both; of a paused pool what runs only, since nothing that waits would be started
     */
    record Demand(String pool, int queued, int running, int demand) {}

    /** As of two seconds ago at most; empty, which is answered with 404, for a pool that does not exist. */
    @ReadOperation
    Mono<Demand> of(@Selector String pool) {
        return pools.open(pool)
                .map(open -> new Demand(
                        pool,
                        open.queued(),
                        open.running(),
                        open.paused() ? open.running() : open.queued() + open.running()));
    }
}
