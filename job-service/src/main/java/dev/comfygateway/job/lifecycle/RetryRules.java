package dev.comfygateway.job.lifecycle;

import dev.comfygateway.contract.problem.FailureCategory;
import java.time.Duration;
import java.util.List;

/**
 * When a failed attempt is followed by another one.
 *
 * @param maxAttempts attempts that count, the first included
 * @param maxLostWorkers grants that may end with their worker lost before the job is quarantined
 * @param backOff pause before the second attempt, the third and so on; the last one repeats
 */
public record RetryRules(int maxAttempts, int maxLostWorkers, List<Duration> backOff) {

    public static final RetryRules DEFAULT =
            new RetryRules(3, 2, List.of(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(15)));

    public RetryRules {
        backOff = List.copyOf(backOff);
    }

    /** What a failure of this class means for the job. */
    Verdict verdict(FailureCategory category) {
        return switch (category) {
            case BACKEND_LOST, WORKER_LOST, STORAGE -> Verdict.AGAIN;
            case EVICTED -> Verdict.AGAIN_UNCOUNTED;
            // A timeout would take as long again; memory and graph stay as they are.
            case VALIDATION, NODE_ERROR, OUT_OF_MEMORY, TIMEOUT, CANCELED, INTERNAL -> Verdict.NEVER;
        };
    }

    /** The pause after the given number of counted failures, at least 1. A lost worker has cost time already. */
    Duration pause(FailureCategory category, int failures) {
        if (category == FailureCategory.WORKER_LOST || backOff.isEmpty()) {
            return Duration.ZERO;
        }
        return backOff.get(Math.min(failures, backOff.size()) - 1);
    }

    /** Whether another attempt is made. */
    enum Verdict {
        AGAIN,
        AGAIN_UNCOUNTED,
        NEVER
    }
}
