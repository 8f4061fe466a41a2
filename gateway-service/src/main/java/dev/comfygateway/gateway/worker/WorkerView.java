package dev.comfygateway.gateway.worker;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A worker as clients see it.
 *
 * @param state as the worker said, or {@code lost} when it has been silent too long
 * @param lastSeen time of its newest heartbeat by the broker's clock
 */
public record WorkerView(
        String workerId,
        String state,
        String pool,
        int slots,
        int freePermits,
        boolean simulated,
        @Nullable String backendVersion,
        @Nullable String device,
        Instant lastSeen) {

    /** Whether its ComfyUI answers. */
    public boolean reachable() {
        return switch (state) {
            case "idle", "busy", "draining" -> true;
            default -> false;
        };
    }
}
