package dev.comfygateway.simulator.node;

/** The running prompt was asked to stop. */
public final class Interrupted extends Exception {

    /** A stop. */
    public Interrupted() {
        super("interrupted");
    }
}
