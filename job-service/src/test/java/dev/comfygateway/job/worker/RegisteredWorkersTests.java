package dev.comfygateway.job.worker;

import static dev.comfygateway.job.worker.InventoriesTests.inventory;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.job.needs.PoolWorkers.PoolWorker;
import dev.comfygateway.testing.SetClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RegisteredWorkersTests {

    private final SetClock clock = new SetClock();
    private final WorkerRegistry registry = new WorkerRegistry(WorkerRegistryTests.PROPERTIES, clock);
    private final Inventories inventories = new Inventories();
    private boolean read = true;
    private final RegisteredWorkers workers = new RegisteredWorkers(
            registry,
            inventories,
            WorkerRegistryTests.PROPERTIES,
            new WorkerTopics(() -> read, Duration.ofSeconds(15), clock));

    private void heard(String id, String pool, WorkerState state, String hash) {
        registry.heard(WorkerRegistryTests.heartbeat(id, pool, state, 1, hash, clock.instant()), clock.instant());
    }

    @Test
    void knowsWhatAPoolCanRunAlsoWhileItIsScaledToZero() {
        inventories.published(inventory("h1", "A"));
        inventories.published(inventory("h2", "B"));
        heard("a", "default", WorkerState.IDLE, "h1");
        heard("b", "default", WorkerState.STOPPED, "h2");
        heard("c", "large", WorkerState.IDLE, "h1");
        heard("d", "default", WorkerState.IDLE, "not-published-yet");
        clock.forward(Duration.ofMinutes(59));
        assertThat(workers.ofPool("default"))
                .extracting(PoolWorker::workerId, PoolWorker::inventory)
                .containsExactly(tuple("a", inventory("h1", "A")), tuple("b", inventory("h2", "B")), tuple("d", null));
        clock.forward(Duration.ofMinutes(2));
        assertThat(workers.ofPool("default")).isEmpty();
    }

    @Test
    void tellsOnlyOfThoseThatAreThereWhoTakesWork() {
        heard("idle", "default", WorkerState.IDLE, "h1");
        heard("busy", "default", WorkerState.BUSY, "h1");
        heard("draining", "default", WorkerState.DRAINING, "h1");
        heard("stopped", "default", WorkerState.STOPPED, "h1");
        assertThat(workers.ofPool("default"))
                .filteredOn(PoolWorker::takesWork)
                .extracting(PoolWorker::workerId)
                .containsExactly("busy", "idle");
    }

    @Test
    void saysNothingBeforeItKnowsAll() {
        heard("a", "default", WorkerState.IDLE, "h1");
        read = false;
        assertThat(workers.ofPool("default")).isEmpty();
    }
}
