package dev.comfygateway.job.worker;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.kafka.RecordFeed;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.stereotype.Component;

/** What ComfyUI servers can run, by hash. In memory, as {@link WorkerRegistry}. Thread safe, never blocks. */
@Component
public class Inventories implements RecordFeed.Handler {

    private final Map<String, WorkerInventory> byHash = new ConcurrentHashMap<>();

    /** Empty when it is not known, or not yet. */
    public Optional<WorkerInventory> find(String hash) {
        return Optional.ofNullable(byHash.get(hash));
    }

    /** Takes in what was published. */
    public void published(WorkerInventory inventory) {
        byHash.put(inventory.hash(), inventory);
    }

    @Override
    public void on(EventEnvelope<EventData> event, ConsumerRecord<String, byte[]> source) {
        if (event.data() instanceof WorkerInventory inventory) {
            published(inventory);
        }
    }

    @Override
    public void onTombstone(String key) {
        byHash.remove(key);
    }
}
