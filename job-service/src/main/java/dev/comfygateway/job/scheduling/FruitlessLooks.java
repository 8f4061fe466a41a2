package dev.comfygateway.job.scheduling;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks into a queue that found nothing for a kind of worker. A queue full of what it cannot run is long to read, and
 * idle workers ask again and again; so the answer is good for a second, as long as nothing is queued. Thread safe.
 */
final class FruitlessLooks {

    private static final long GOOD_FOR = Duration.ofSeconds(1).toNanos();
    private static final int MOST = 1_000;

    private final Map<Look, Answer> answers = new ConcurrentHashMap<>();

    /**
     * What a look depends on.
     *
     * @param kind workers of the same kind can run the same
     * @param fullKeys keys that run as many jobs as they may
     * @param pausedTenants tenants that are paused
     */
    record Look(String pool, Object kind, Set<String> fullKeys, Set<String> pausedTenants) {}

    private record Answer(long version, long at) {
        boolean isOld() {
            return System.nanoTime() - at > GOOD_FOR;
        }
    }

    /** Whether the same look found nothing a moment ago, with no job queued since. */
    boolean foundNothing(Look look, long version) {
        Answer answer = answers.get(look);
        return answer != null && !answer.isOld() && answer.version() == version;
    }

    void remember(Look look, long version) {
        if (answers.size() >= MOST) {
            answers.values().removeIf(Answer::isOld);
        }
        if (answers.size() < MOST) {
            answers.put(look, new Answer(version, System.nanoTime()));
        }
    }
}
