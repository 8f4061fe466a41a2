package dev.comfygateway.simulator.fault;

import dev.comfygateway.simulator.node.NodeFailure;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Where the simulator asks whether it shall behave badly. Without scripted faults every answer is no. */
public interface FaultHooks {

    /** The calling thread is the one that runs prompts from now on. */
    default void workerStarted() {}

    /** A prompt begins to run. */
    default void promptStarted(String promptId, JsonNode extraData) {}

    /**
     * A node is about to run; this may wait, or end the thread.
     *
     * @return what a node says that blocks all below it, or null when it runs as usual
     * @throws NodeFailure when it shall fail
     */
    default @Nullable String nodeStarting(String promptId, String node) throws NodeFailure {
        return null;
    }

    /** A node has run, or was cached, and this is about to be told; its files may be changed now. */
    default void nodeDone(String promptId, String node, @Nullable JsonNode ui) {}

    /** Whether a prompt notices now that it was asked to stop. */
    default boolean stops(String promptId, BooleanSupplier asked) {
        return asked.getAsBoolean();
    }

    /** All nodes have run; this may wait. */
    default void promptEnding(String promptId) {}

    /** Stores a history entry, now or later or never. */
    default void keepHistory(String promptId, Runnable keep) {
        keep.run();
    }

    /** A prompt has ended and everything about it was told. */
    default void promptEnded(String promptId) {}

    /**
     * Tells something to sockets, now or later or never.
     *
     * @param type the message's type, or {@code binary}
     * @param data the message's data, or null
     * @param delivery tells it
     */
    default void deliver(String type, @Nullable JsonNode data, Runnable delivery) {
        delivery.run();
    }
}
