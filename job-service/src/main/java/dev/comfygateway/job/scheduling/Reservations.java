package dev.comfygateway.job.scheduling;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Jobs that claims of this replica are granting just now, so that each of many claims at once goes for another job. Only
 * the database says whose a job is: without this, claims would be slower but no less right. Thread safe.
 */
final class Reservations {

    /** A connection that hangs must not keep its job from others. */
    private static final long LONGEST = Duration.ofSeconds(5).toNanos();

    private final Map<String, Reservation> held = new ConcurrentHashMap<>();
    private final LongSupplier nanoTime;

    Reservations() {
        this(System::nanoTime);
    }

    Reservations(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    private record Reservation(String claimId, long at) {}

    /**
     * Runs the work unless another claim has the job, then the answer is empty. A repeated claim is not another one: it
     * has to find out what becomes of the first.
     */
    <T> Mono<T> during(String jobId, String claimId, Mono<T> work) {
        return Mono.defer(() -> {
            long now = nanoTime.getAsLong();
            Reservation wanted = new Reservation(claimId, now);
            Reservation got = held.compute(jobId, (id, holder) -> isFree(holder, claimId, now) ? wanted : holder);
            return wanted.equals(got) ? work.doFinally(signal -> held.remove(jobId, wanted)) : Mono.empty();
        });
    }

    private static boolean isFree(@Nullable Reservation holder, String claimId, long now) {
        return holder == null || holder.claimId().equals(claimId) || now - holder.at() > LONGEST;
    }
}
