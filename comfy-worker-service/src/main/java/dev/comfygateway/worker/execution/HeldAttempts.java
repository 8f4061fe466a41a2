package dev.comfygateway.worker.execution;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** The attempts this worker holds a lease for: from the grant until the final report is acknowledged. Thread safe. */
@Component
public final class HeldAttempts {

    private final Map<String, Attempt> held = new ConcurrentHashMap<>();

    /** False when the attempt is held already: the same grant came twice. */
    public boolean add(Attempt attempt) {
        return held.putIfAbsent(attempt.id(), attempt) == null;
    }

    public void remove(Attempt attempt) {
        held.remove(attempt.id());
        synchronized (held) {
            held.notifyAll();
        }
    }

    public List<String> ids() {
        return List.copyOf(held.keySet());
    }

    public Collection<Attempt> all() {
        return List.copyOf(held.values());
    }

    /** Stops an attempt; does nothing when it is not held. */
    public void stop(String attemptId, StopReason reason) {
        Attempt attempt = held.get(attemptId);
        if (attempt != null) {
            attempt.stop(reason);
        }
    }

    /** Waits until none is held; false when the time was up first. */
    public boolean awaitNone(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        synchronized (held) {
            while (!held.isEmpty()) {
                long left = (deadline - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return false;
                }
                held.wait(left);
            }
        }
        return true;
    }
}
