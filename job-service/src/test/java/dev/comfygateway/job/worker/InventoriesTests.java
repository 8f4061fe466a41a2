package dev.comfygateway.job.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InventoriesTests {

    private final Inventories inventories = new Inventories();

    static WorkerInventory inventory(String hash, String... classes) {
        return new WorkerInventory(
                hash, Set.of(classes), Set.of(), Map.of(), Map.of("Loader.ckpt_name", List.of("a.safetensors")));
    }

    @Test
    void findsByHash() {
        inventories.published(inventory("h1", "A"));
        assertThat(inventories.find("h1")).contains(inventory("h1", "A"));
        assertThat(inventories.find("h2")).isEmpty();
        inventories.onTombstone("h1");
        assertThat(inventories.find("h1")).isEmpty();
    }
}
