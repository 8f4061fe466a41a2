package dev.comfygateway.job.recovery;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time in which workers could not renew for reasons of ours, and a while after it. It begins with this object. Used
 * by one thread.
 */
final class SettlingTime {

    /** Nothing here waits so long while the service and its database are well. */
    private static final Duration STANDSTILL = Duration.ofSeconds(5);

    private final Duration lasting;
    private final LongSupplier nanoTime;
    private long over;
    private long askedAt;

    SettlingTime(Duration lasting, LongSupplier nanoTime) {
        this.lasting = lasting;
        this.nanoTime = nanoTime;
        this.askedAt = nanoTime.getAsLong();
        begin();
    }

    /** Begins it again. */
    void begin() {
        over = nanoTime.getAsLong() + lasting.toNanos();
    }

    /**
     * Whether it is over. To be asked every second or so: when it was not, the process was stopped, or the machine
     * slept, and nobody could renew; then it begins again.
     */
    boolean isOver() {
        long now = nanoTime.getAsLong();
        if (now - askedAt > STANDSTILL.toNanos()) {
            begin();
        }
        askedAt = now;
        return now - over >= 0;
    }
}
