package dev.comfygateway.simulator.node;

import java.io.IOException;

/** Executes one node class. */
@FunctionalInterface
public interface NodeRunner {

    /** Runs on the worker thread and may take its time. */
    NodeOutcome run(NodeCall call) throws NodeFailure, Interrupted, IOException;
}
