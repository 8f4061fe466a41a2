package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.problem.FailureCategory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * When a failed attempt is followed by another one.
 *
 * @param maxAttempts attempts that count, the first included
 * @param maxLostWorkers grants that may end with their worker lost before the job is quarantined
 * @param backOff pause before the second attempt, the third and so on; the last one repeats
 * @param jitter by which part of itself a pause may be longer, so that jobs that failed together do not return together
 * @param random from 0 to 1
 * @param largerPools where a job that ran out of memory is sent, by pool
 */
public record RetryRules(
        int maxAttempts,
        int maxLostWorkers,
        List<Duration> backOff,
        double jitter,
        DoubleSupplier random,
        Map<String, String> largerPools) {

    public RetryRules {
        backOff = List.copyOf(backOff);
        largerPools = Map.copyOf(largerPools);
    }

    /** What a failure of this class means for the job. */
    Verdict verdict(FailureCategory category) {
        return switch (category) {
            case BACKEND_LOST, WORKER_LOST, STORAGE -> Verdict.AGAIN;
            case EVICTED -> Verdict.AGAIN_UNCOUNTED;
            case OUT_OF_MEMORY -> Verdict.LARGER;
            // A timeout would take as long again; the graph stays as it is.
            case VALIDATION, NODE_ERROR, TIMEOUT, CANCELED, INTERNAL -> Verdict.NEVER;
        };
    }

    /** The pause after the given number of counted failures, at least 1. A lost worker has cost time already. */
    Duration pause(FailureCategory category, int failures) {
        if (category == FailureCategory.WORKER_LOST || backOff.isEmpty()) {
            return Duration.ZERO;
        }
        Duration pause = backOff.get(Math.min(failures, backOff.size()) - 1);
        return pause.plusMillis((long) (pause.toMillis() * jitter * random.getAsDouble()));
    }

    /** The pool with more memory, or null when there is none. */
    @Nullable
    String larger(String pool) {
        return largerPools.get(pool);
    }

    /** Whether another attempt is made. */
    enum Verdict {
        AGAIN,
        AGAIN_UNCOUNTED,
        /** Once, if there is a larger pool. */
        LARGER,
        NEVER
    }
}
