package dev.comfygateway.job.needs;

import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Knows no worker. */
@Component
class UnknownWorkers implements PoolWorkers {
    @Override
    public @Nullable WorkerInventory inventory(String hash) {
        return null;
    }

    @Override
    public Gpu gpu(String workerId) {
        return Gpu.UNKNOWN;
    }

    @Override
    public List<PoolWorker> ofPool(String pool) {
        return List.of();
    }
}
