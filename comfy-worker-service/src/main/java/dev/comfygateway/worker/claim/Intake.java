package dev.comfygateway.worker.claim;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Whether this worker takes new work: not while an operator drains it, and not once it is being stopped. Thread safe.
 */
@Component
public final class Intake {

    private static final Logger log = LoggerFactory.getLogger(Intake.class);

    private boolean drained;
    private boolean stopped;

    /** What the operators want, as job-service last said it. */
    synchronized void drained(boolean now) {
        if (now != drained) {
            drained = now;
            log.info(now ? "Drained by an operator: takes no new work" : "Takes work again");
            notifyAll();
        }
    }

    /** The worker is being stopped; there is no way back. */
    public synchronized void stop() {
        stopped = true;
    }

    public synchronized boolean isOpen() {
        return !drained && !stopped;
    }

    /** Waits until it is open; false when it was not in time. */
    synchronized boolean awaitOpen(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!isOpen()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }
}
