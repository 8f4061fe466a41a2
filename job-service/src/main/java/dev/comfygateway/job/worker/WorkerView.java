package dev.comfygateway.job.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker as clients see it.
 *
 * @param state how it is; {@code draining} also while an operator drains it, before it has heard of that
 * @param lastSeen time of its newest heartbeat by the broker's clock
 * @param drained whether an operator drains it
 * @param running what it runs, as far as the caller may see it
 * @param details for administrators only, else null
 */
@JsonPropertyOrder({"workerId", "state", "pool", "slots", "freePermits"})
public record WorkerView(
        String workerId,
        WorkerHealth state,
        String pool,
        int slots,
        int freePermits,
        boolean simulated,
        @Nullable String backendVersion,
        @Nullable String device,
        Instant lastSeen,
        boolean drained,
        List<RunningView> running,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Details details) {

    public WorkerView {
        running = List.copyOf(running);
    }

    /** An attempt it holds. */
    public record RunningView(String jobId, int attempt, String phase, Instant grantedAt) {}

    /** What only those who look after the machines need. */
    public record Details(
            String instanceId,
            @Nullable Long vramTotalBytes,
            @Nullable Long vramFreeBytes,
            @Nullable String inventoryHash,
            @Nullable String drainedBy,
            @Nullable Instant drainedAt) {}
}
