package dev.comfygateway.job.worker;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.job.needs.PoolWorkers;
import dev.comfygateway.job.worker.WorkerRegistry.Registered;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Tells the scheduler what the workers said about themselves. */
@Component
class RegisteredWorkers implements PoolWorkers {

    private static final long MEBIBYTE = 1024 * 1024;

    private final WorkerRegistry registry;
    private final Inventories inventories;
    private final WorkerProperties properties;
    private final WorkerTopics topics;

    RegisteredWorkers(
            WorkerRegistry registry, Inventories inventories, WorkerProperties properties, WorkerTopics topics) {
        this.registry = registry;
        this.inventories = inventories;
        this.properties = properties;
        this.topics = topics;
    }

    @Override
    public @Nullable WorkerInventory inventory(String hash) {
        return inventories.find(hash).orElse(null);
    }

    @Override
    public Gpu gpu(String workerId) {
        return registry.find(workerId).map(worker -> gpu(worker.heartbeat())).orElse(Gpu.UNKNOWN);
    }

    @Override
    public List<PoolWorker> ofPool(String pool) {
        if (!topics.areRead()) {
            // Half of the picture would refuse what the other half can run.
            return List.of();
        }
        return registry.seenWithin(properties.listedFor()).stream()
                .filter(worker -> worker.heartbeat().pool().equals(pool))
                .map(this::worker)
                .toList();
    }

    private PoolWorker worker(Registered worker) {
        WorkerHeartbeat said = worker.heartbeat();
        String hash = said.inventoryHash();
        return new PoolWorker(
                said.workerId(),
                hash == null ? null : inventory(hash),
                gpu(said),
                said.slots(),
                worker.health().takesWork());
    }

    private static Gpu gpu(WorkerHeartbeat said) {
        Long total = said.vramTotalBytes();
        return new Gpu(said.device(), total == null ? null : total / MEBIBYTE);
    }
}
