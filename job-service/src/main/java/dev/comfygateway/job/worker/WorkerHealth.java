package dev.comfygateway.job.worker;

import java.util.Locale;

/** How a worker is: what it said last, or that it has been silent for too long. */
public enum WorkerHealth {
    IDLE,
    BUSY,
    DRAINING,
    UNREACHABLE,
    STOPPED,
    /** Its heartbeats stay away although it never said goodbye. */
    LOST;

    /** Whether its process lives, as far as can be known. */
    public boolean isLive() {
        return switch (this) {
            case IDLE, BUSY, DRAINING, UNREACHABLE -> true;
            case STOPPED, LOST -> false;
        };
    }

    /** Whether it takes work. */
    public boolean takesWork() {
        return switch (this) {
            case IDLE, BUSY -> true;
            case DRAINING, UNREACHABLE, STOPPED, LOST -> false;
        };
    }

    /** The form outside: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
