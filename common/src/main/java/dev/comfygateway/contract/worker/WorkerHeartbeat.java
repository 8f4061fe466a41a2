package dev.comfygateway.contract.worker;

import dev.comfygateway.contract.event.EventData;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A worker's state, sent every few seconds and kept compacted by worker id.
 *
 * @param workerId stable name
 * @param instanceId this start of the process
 * @param pool the pool it serves
 * @param state whether it takes work
 * @param freePermits attempts it could claim right now
 * @param slots attempts it can execute at the same time
 * @param heldAttempts attempts that it holds, from the grant until their last report is acknowledged; null from a worker
 *     that does not say. Free permits do not tell: one that is almost done takes the next attempt already
 * @param simulated whether its backend is the simulator and not a real ComfyUI
 * @param backendVersion version ComfyUI reports, or null while unreachable
 * @param device name of the GPU, or null while unknown
 * @param vramTotalBytes memory of its largest GPU, or null while unknown
 * @param vramFreeBytes most that is free on one GPU, or null while unknown
 * @param inventoryHash key of its {@link WorkerInventory}, or null while unknown
 * @param at when it was sent
 */
public record WorkerHeartbeat(
        String workerId,
        String instanceId,
        String pool,
        WorkerState state,
        int freePermits,
        int slots,
        @Nullable Integer heldAttempts,
        boolean simulated,
        @Nullable String backendVersion,
        @Nullable String device,
        @Nullable Long vramTotalBytes,
        @Nullable Long vramFreeBytes,
        @Nullable String inventoryHash,
        Instant at)
        implements EventData {}
