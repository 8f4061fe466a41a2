package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.worker.backend.Backend;
import org.jspecify.annotations.Nullable;

/** One attempt this worker holds, and whether it should stop. Thread safe. */
public final class Attempt {

    private final Grant grant;
    private final Backend backend;
    private final long grantedAt = System.nanoTime();
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

    /** Asks the attempt to stop. A stronger reason replaces a weaker one: nothing may be reported once it is fenced. */
    public void stop(StopReason why) {
        Runnable wake;
        synchronized (this) {
            if (reason == null || why.compareTo(reason) > 0) {
                reason = why;
            }
            wake = onStop;
        }
        if (wake != null) {
            wake.run();
        }
    }

    public synchronized @Nullable StopReason stopReason() {
        return reason;
    }

    /** Called at each stop from now on, and at once when there was one already. */
    void onStop(@Nullable Runnable wake) {
        boolean now;
        synchronized (this) {
            onStop = wake;
            now = reason != null;
        }
        if (now && wake != null) {
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
}
