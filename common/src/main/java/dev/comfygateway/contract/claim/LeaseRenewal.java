package dev.comfygateway.contract.claim;

import java.util.List;

/**
 * A worker renews the leases of everything it runs.
 *
 * @param workerId stable name of the worker
 * @param instanceId this start of it; a new one ends the leases of the old at once
 * @param pool the pool it serves
 * @param attemptIds attempts it still runs or finishes
 */
public record LeaseRenewal(String workerId, String instanceId, String pool, List<String> attemptIds) {
    public LeaseRenewal {
        attemptIds = List.copyOf(attemptIds);
    }
}
