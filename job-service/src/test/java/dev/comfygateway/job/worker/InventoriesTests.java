package dev.comfygateway.job.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.contract.worker.WorkerState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InventoriesTests {

    private final SetClock clock = new SetClock();
    private final WorkerRegistry registry = new WorkerRegistry(WorkerRegistryTests.PROPERTIES, clock);
    private final Inventories inventories = new Inventories(registry, WorkerRegistryTests.PROPERTIES);

    static WorkerInventory inventory(String hash, String... classes) {
        return new WorkerInventory(
                hash, Set.of(classes), Set.of(), Map.of(), Map.of("Loader.ckpt_name", List.of("a.safetensors")));
    }

    private void heard(String id, String pool, WorkerState state, String hash) {
        registry.heard(WorkerRegistryTests.heartbeat(id, pool, state, 1, hash, clock.instant()), clock.instant());
    }

    @Test
    void findsByHash() {
        inventories.published(inventory("h1", "A"));
        assertThat(inventories.find("h1")).contains(inventory("h1", "A"));
        assertThat(inventories.find("h2")).isEmpty();
        inventories.onTombstone("h1");
        assertThat(inventories.find("h1")).isEmpty();
    }

    @Test
    void knowsWhatAPoolCanRunAlsoWhileItIsScaledToZero() {
        inventories.published(inventory("h1", "A"));
        inventories.published(inventory("h2", "B"));
        inventories.published(inventory("h3", "C"));
        heard("a", "default", WorkerState.IDLE, "h1");
        heard("b", "default", WorkerState.BUSY, "h1");
        heard("c", "default", WorkerState.STOPPED, "h2");
        heard("d", "large", WorkerState.IDLE, "h3");
        heard("e", "default", WorkerState.IDLE, "not-published-yet");
        clock.forward(Duration.ofMinutes(59));
        assertThat(inventories.ofPool("default")).containsExactlyInAnyOrder(inventory("h1", "A"), inventory("h2", "B"));
        clock.forward(Duration.ofMinutes(2));
        assertThat(inventories.ofPool("default")).isEmpty();
    }
}
