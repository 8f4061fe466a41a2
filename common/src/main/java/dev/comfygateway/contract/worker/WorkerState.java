package dev.comfygateway.contract.worker;

import java.util.Locale;

/** Whether a worker takes work. */
public enum WorkerState {
    IDLE,
    BUSY,
    /** Finishes what it has and takes nothing new. */
    DRAINING,
    /** The worker lives, its ComfyUI does not answer. */
    UNREACHABLE,
    /** The process said goodbye. */
    STOPPED;

    /** The wire form: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
