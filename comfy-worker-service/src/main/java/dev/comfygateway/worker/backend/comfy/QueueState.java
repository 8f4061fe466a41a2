package dev.comfygateway.worker.backend.comfy;

import java.util.Set;

/**
 * Prompt ids in ComfyUI's queue.
 *
 * @param running at most one on a healthy server
 * @param pending in no order
 */
public record QueueState(Set<String> running, Set<String> pending) {

    public QueueState {
        running = Set.copyOf(running);
        pending = Set.copyOf(pending);
    }

    public boolean holds(String promptId) {
        return running.contains(promptId) || pending.contains(promptId);
    }
}
