package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.worker.backend.Backend;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One attempt this worker holds, how far it is, and whether it should stop. Thread safe. */
public final class Attempt {

    /** How far it is. */
    enum Phase {
        /** It loads its inputs or waits for the GPU; given back now, it has cost nothing. */
        PREPARING,
        /** ComfyUI has its prompt. */
        EXECUTING,
        /** Its result is fetched, stored and reported. */
        FINISHING
    }

    private final Grant grant;
    private final Backend backend;
    private final long grantedAt = System.nanoTime();
    private Phase phase = Phase.PREPARING;
    private long promptedAt;
    private @Nullable StopReason reason;
    private @Nullable Runnable onStop;

    public Attempt(Grant grant, Backend backend) {
        this.grant = grant;
        this.backend = backend;
    }

    public Grant grant() {
        return grant;
    }

    public Backend backend() {
        return backend;
    }

    public String id() {
        return grant.attemptId();
    }

    /** {@link System#nanoTime} of the grant. */
    long grantedAt() {
        return grantedAt;
    }

    synchronized void entered(Phase next) {
        phase = next;
        promptedAt = System.nanoTime();
    }

    /**
     * Gives it back unless it may end within that time: by experience with its like, or, once it runs, also when there
     * is none.
     */
    public void giveBackUnlessOverWithin(Duration time) {
        if (!mayBeOverWithin(time)) {
            stop(StopReason.EVICTED);
        }
    }

    private synchronized boolean mayBeOverWithin(Duration time) {
        Double seconds = grant.estimatedSeconds();
        double most = time.toNanos();
        return switch (phase) {
            case PREPARING -> seconds != null && backend.slot().expectedRemainingNanos() + seconds * 1e9 <= most;
            case EXECUTING -> seconds == null || seconds * 1e9 - (System.nanoTime() - promptedAt) <= most;
            case FINISHING -> true;
        };
    }

    /**
     * Asks the attempt to stop. A stronger reason replaces a weaker one: nothing may be reported once it is fenced.
     */
    public synchronized void stop(StopReason why) {
        if (reason == null || why.compareTo(reason) > 0) {
            reason = why;
        }
        if (onStop != null) {
            onStop.run();
        }
    }

    public synchronized @Nullable StopReason stopReason() {
        return reason;
    }

    /** Called at each stop from now on, and at once when there was one already; must not wait for anything. */
    synchronized void onStop(@Nullable Runnable wake) {
        onStop = wake;
        if (reason != null && wake != null) {
            wake.run();
        }
    }

    /** Throws {@link AttemptStoppedException} when the attempt should stop. */
    public void check() {
        StopReason why = stopReason();
        if (why != null) {
            throw new AttemptStoppedException(why);
        }
    }

    /**
     * Does something that may wait long for others, on the attempt's own thread; a stop interrupts it.
     *
     * @throws AttemptStoppedException when the attempt was stopped before it was done
     */
    <T> T interruptibly(AttemptSteps.Step<T> step) throws InterruptedException {
        check();
        onStop(Thread.currentThread()::interrupt);
        try {
            return step.run();
        } catch (RuntimeException | InterruptedException e) {
            // Whatever it failed with may come of the interrupt.
            check();
            throw e;
        } finally {
            onStop(null);
            if (stopReason() != null) {
                // Meant for the step, and nobody else interrupts this thread.
                Thread.interrupted();
            }
        }
    }
}
