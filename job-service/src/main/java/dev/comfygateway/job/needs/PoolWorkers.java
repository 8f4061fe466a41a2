package dev.comfygateway.job.needs;

import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of the workers, by their own word. */
public interface PoolWorkers {

    /**
     * A worker's GPU.
     *
     * @param device its name, or null while unknown
     * @param vramTotalMb its memory in MiB, or null while unknown
     */
    record Gpu(@Nullable String device, @Nullable Long vramTotalMb) {
        public static final Gpu UNKNOWN = new Gpu(null, null);
    }

    /** One worker of a pool. */
    record PoolWorker(String workerId, @Nullable WorkerInventory inventory, Gpu gpu, int slots, boolean takesWork) {}

    /** The inventory with that hash, or null while it is not known. */
    @Nullable
    WorkerInventory inventory(String hash);

    Gpu gpu(String workerId);

    /** Workers of the pool that were seen within the last hour. */
    List<PoolWorker> ofPool(String pool);
}
