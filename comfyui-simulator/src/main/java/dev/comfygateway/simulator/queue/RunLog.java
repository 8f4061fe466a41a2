package dev.comfygateway.simulator.queue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * When the last prompts ran. Only the server itself sees how long its GPU was idle between two of them, and the history
 * cannot tell: its entries count milliseconds, and whoever is done with them deletes them.
 */
@Component
public class RunLog {

    private static final int KEPT = 10_000;

    private final Deque<Run> runs = new ArrayDeque<>();

    /**
     * One prompt on the worker thread. Nanoseconds since 1970; the length is exact, the place as good as the clock.
     *
     * @param promptId the prompt
     * @param start before its first node
     * @param end after its last node
     */
    public record Run(String promptId, long start, long end) {}

    synchronized void add(String promptId, Instant start, Duration took) {
        if (runs.size() == KEPT) {
            runs.removeFirst();
        }
        long began = TimeUnit.SECONDS.toNanos(start.getEpochSecond()) + start.getNano();
        runs.addLast(new Run(promptId, began, began + took.toNanos()));
    }

    /** What is kept, oldest first. */
    public synchronized List<Run> runs() {
        return List.copyOf(runs);
    }
}
