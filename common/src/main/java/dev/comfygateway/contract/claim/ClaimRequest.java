package dev.comfygateway.contract.claim;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A worker asks for the best job it can run.
 *
 * @param claimId chosen by the worker; repeating a claim whose answer was lost returns the same grant
 * @param workerId stable name of the worker
 * @param instanceId new for every start of the worker process; a new one ends the leases of the old
 * @param pool the pool it serves
 * @param offeredJobId job named by the offer that caused the claim, or null
 * @param inventoryHash what its ComfyUI can run, or null while unknown
 * @param warmModels model files that are loaded now
 * @param freeVramBytes free GPU memory, or null while unknown
 */
public record ClaimRequest(
        String claimId,
        String workerId,
        String instanceId,
        String pool,
        @Nullable String offeredJobId,
        @Nullable String inventoryHash,
        List<String> warmModels,
        @Nullable Long freeVramBytes) {

    public ClaimRequest {
        warmModels = List.copyOf(warmModels);
    }
}
