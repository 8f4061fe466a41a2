package dev.comfygateway.worker.backend;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.ComfySocket;
import org.jspecify.annotations.Nullable;

/** One ComfyUI server with its connections, its slot and what is known about it. Thread safe. */
public final class Backend {

    private final String id;
    private final ComfyClient client;
    private final ComfySocket socket;
    private final Slot slot;
    private volatile BackendStatus status = BackendStatus.UNKNOWN;
    private volatile @Nullable WorkerInventory inventory;
    private volatile int failures;
    private volatile boolean inventoryTried;

    Backend(String id, ComfyClient client, ComfySocket socket, Slot slot) {
        this.id = id;
        this.client = client;
        this.socket = socket;
        this.slot = slot;
    }

    /** Short name for logs, without the address. */
    public String id() {
        return id;
    }

    public ComfyClient client() {
        return client;
    }

    public ComfySocket socket() {
        return socket;
    }

    public Slot slot() {
        return slot;
    }

    public BackendStatus status() {
        return status;
    }

    /** What it can run, or null while unknown. */
    public @Nullable WorkerInventory inventory() {
        return inventory;
    }

    /** Whether it takes work: it answers, and its inventory was asked for. */
    public boolean ready() {
        return status.reachable() && inventoryTried;
    }

    void answered(BackendStatus found) {
        failures = 0;
        status = found;
    }

    /** A busy server may miss one probe; two in a row make it unreachable. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the probe thread writes
    void silent() {
        failures++;
        if (failures >= 2 || !status.reachable()) {
            status = status.unreachable();
        }
    }

    void inventory(@Nullable WorkerInventory found) {
        if (found != null) {
            inventory = found;
        }
        inventoryTried = true;
    }
}
