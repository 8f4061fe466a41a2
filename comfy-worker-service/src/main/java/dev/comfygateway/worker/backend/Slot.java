package dev.comfygateway.worker.backend;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Capacity of one backend. Three permits overlap, so that the GPU never waits for the network: <em>prepare</em> (claim,
 * inputs), <em>execute</em> (the GPU) and <em>finish</em> (download, verify, store). At most one attempt is prepared
 * beside the executing one. Thread safe.
 */
public final class Slot {

    private final Semaphore prepare = new Semaphore(1);
    private final Semaphore execute = new Semaphore(1, true);
    private final Semaphore finish;
    private final int finishPermits;
    private final Runnable onFree;
    private volatile boolean preparing;
    private volatile long executingSince;
    private volatile double fraction;
    private volatile double estimateNanos = -1;
    private volatile double averageNanos = -1;

    /** @param onFree called when a permit was given back */
    Slot(int finishPermits, Runnable onFree) {
        this.finish = new Semaphore(finishPermits, true);
        this.finishPermits = finishPermits;
        this.onFree = onFree;
    }

    /**
     * Takes the prepare permit when {@link #hasRoom} says so. It is held while an offer is waited for, and kept by the
     * attempt that comes of it.
     */
    public boolean tryPrepare(Duration window) {
        return hasRoom(window) && prepare.tryAcquire();
    }

    /**
     * Whether another attempt could be taken: the slot is idle, or what executes should end within the window. An
     * attempt that is prepared too early could already run on another worker. Waiting for an offer takes no room.
     */
    public boolean hasRoom(Duration window) {
        return !preparing
                && finish.availablePermits() > 0
                && (execute.availablePermits() > 0 || executesWithin(window));
    }

    /** From now on the prepare permit belongs to an attempt. */
    public void beginPrepare() {
        preparing = true;
    }

    public void releasePrepare() {
        preparing = false;
        prepare.release();
        onFree.run();
    }

    /** Waits for the execute permit; false when it did not come in time. */
    public boolean awaitExecute(Duration timeout) throws InterruptedException {
        if (!execute.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        fraction = 0;
        estimateNanos = -1;
        executingSince = System.nanoTime();
        return true;
    }

    /** How long what executes now takes by experience with its like, or null while there is none. */
    public void expects(@Nullable Double seconds) {
        estimateNanos = seconds == null ? -1 : seconds * 1e9;
    }

    /** How much of the executing prompt is done, 0 to 1. */
    public void progressed(double done) {
        fraction = done;
    }

    public void releaseExecute() {
        double took = (double) System.nanoTime() - executingSince;
        averageNanos = averageNanos < 0 ? took : averageNanos * 0.7 + took * 0.3;
        execute.release();
        onFree.run();
    }

    public boolean awaitFinish(Duration timeout) throws InterruptedException {
        return finish.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    public void releaseFinish() {
        finish.release();
        onFree.run();
    }

    public boolean executing() {
        return execute.availablePermits() == 0;
    }

    /** Whether no attempt is prepared, executes or is finished. */
    public boolean isIdle() {
        return !preparing && !executing() && finish.availablePermits() == finishPermits;
    }

    /** Whether what executes should end within that time. */
    public boolean executesWithin(Duration window) {
        return expectedRemainingNanos() <= window.toNanos();
    }

    /**
     * Expected time until the execute permit is free; none while it is, and very long when nothing is known. Progress
     * counts nodes, which are of very different length: the more is done, the more it is trusted over experience.
     */
    public double expectedRemainingNanos() {
        if (!executing()) {
            return 0;
        }
        double elapsed = (double) System.nanoTime() - executingSince;
        double estimate = estimateNanos;
        double expected = estimate >= 0 ? estimate : averageNanos;
        double byTime = expected < 0 || elapsed > 2 * expected ? Double.MAX_VALUE : Math.max(0, expected - elapsed);
        double done = fraction;
        if (done <= 0.05) {
            return byTime;
        }
        double byProgress = elapsed * (1 - done) / done;
        return elapsed < estimate ? done * byProgress + (1 - done) * byTime : byProgress;
    }
}
