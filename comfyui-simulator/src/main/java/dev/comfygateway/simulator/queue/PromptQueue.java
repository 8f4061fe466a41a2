package dev.comfygateway.simulator.queue;

import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.history.History;
import dev.comfygateway.simulator.socket.SocketHub;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Waiting prompts by priority, and the running one. Every change is told to all sockets. */
@Component
public class PromptQueue {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final PromptHeap pending = new PromptHeap();
    private final History history;
    private final SocketHub sockets;
    private final FaultHooks faults;
    private @Nullable PromptItem running;
    private boolean freeRequested;
    private volatile boolean interrupted;

    PromptQueue(History history, SocketHub sockets, FaultHooks faults) {
        this.history = history;
        this.sockets = sockets;
        this.faults = faults;
    }

    /**
     * What the queue holds at one moment.
     *
     * @param running the running prompt, or null
     * @param pending the waiting prompts in heap order
     */
    public record Snapshot(@Nullable PromptItem running, List<PromptItem> pending) {}

    /** Adds a prompt; throws when one of the same number and id waits, although it is added then too. */
    public void put(PromptItem item) {
        lock.lock();
        try {
            if (!pending.push(item)) {
                throw new IllegalStateException("'<' not supported between instances of 'dict' and 'dict'");
            }
            announce();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the next prompt and makes it the running one; null when caches shall be freed instead. */
    @Nullable
    PromptItem take() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (pending.size() == 0 && !freeRequested) {
                changed.await();
            }
            if (pending.size() == 0) {
                freeRequested = false;
                return null;
            }
            PromptItem item = pending.pop();
            running = item;
            interrupted = false;
            announce();
            return item;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the running prompt: its history entry appears and the queue is empty of it at the same moment. */
    void done(PromptItem item, ObjectNode entry) {
        lock.lock();
        try {
            running = null;
            faults.keepHistory(item.id(), () -> history.add(item.id(), entry));
            announce();
        } finally {
            lock.unlock();
        }
    }

    /** Drops all waiting prompts. */
    public void clear() {
        lock.lock();
        try {
            pending.clear();
            announce();
        } finally {
            lock.unlock();
        }
    }

    /** Forgets everything without telling anybody, as a process does that ends. */
    public void forget() {
        lock.lock();
        try {
            pending.clear();
            running = null;
            interrupted = false;
            freeRequested = false;
        } finally {
            lock.unlock();
        }
    }

    /** Drops a waiting prompt; false when it does not wait. */
    public boolean delete(String id) {
        lock.lock();
        try {
            boolean removed = pending.removeFirst(item -> item.id().equals(id));
            if (removed) {
                announce();
            }
            return removed;
        } finally {
            lock.unlock();
        }
    }

    /** Asks the running prompt to stop, if it is that one; null means whatever runs. */
    public boolean interrupt(@Nullable String id) {
        lock.lock();
        try {
            boolean hit = id == null || (running != null && running.id().equals(id));
            if (hit) {
                interrupted = true;
            }
            return hit;
        } finally {
            lock.unlock();
        }
    }

    /** Drops it when it waits, interrupts it when it runs; false when it does neither. */
    public boolean cancel(String id) {
        lock.lock();
        try {
            return delete(id) || interrupt(id);
        } finally {
            lock.unlock();
        }
    }

    /** Whether a stop was asked for; asking resets it. */
    boolean takeInterrupt() {
        boolean wanted = interrupted;
        if (wanted) {
            interrupted = false;
        }
        return wanted;
    }

    /** Asks the worker thread to drop its cache when it is idle. */
    public void requestFree() {
        lock.lock();
        try {
            freeRequested = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** What waits and runs. */
    public Snapshot snapshot() {
        lock.lock();
        try {
            return new Snapshot(running, pending.items());
        } finally {
            lock.unlock();
        }
    }

    /** How many prompts wait or run. */
    public int remaining() {
        lock.lock();
        try {
            return pending.size() + (running == null ? 0 : 1);
        } finally {
            lock.unlock();
        }
    }

    private void announce() {
        sockets.queueChanged(remaining());
    }
}
