package dev.comfygateway.simulator.node;

/** What a node throws to kill the worker thread, as a {@code SystemExit} does. */
public final class WorkerDeath extends Error {

    /** A death. */
    public WorkerDeath() {
        super("SystemExit");
    }
}
