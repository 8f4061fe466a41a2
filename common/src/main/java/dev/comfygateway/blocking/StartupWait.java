package dev.comfygateway.blocking;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Waits at the start of a program for what somebody else brings about. */
public final class StartupWait {

    private static final Duration PAUSE = Duration.ofMillis(500);

    private StartupWait() {}

    /**
     * Asks every half second, and at least once, until nothing is missing; blocks the calling thread. What {@code missing}
     * throws ends the wait.
     *
     * @param patience after this no question is asked any more
     * @param missing what is missing now, or empty
     * @param told called once, with the first that is missing
     * @return what is still missing at the end, or empty
     */
    public static <T> Optional<T> await(Duration patience, Supplier<Optional<T>> missing, Consumer<T> told) {
        long end = System.nanoTime() + patience.toNanos();
        Optional<T> found = missing.get();
        found.ifPresent(told);
        while (found.isPresent() && System.nanoTime() < end) {
            pause();
            found = missing.get();
        }
        return found;
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting at the start", e);
        }
    }
}
