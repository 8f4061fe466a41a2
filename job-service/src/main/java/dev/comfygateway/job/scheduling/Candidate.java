package dev.comfygateway.job.scheduling;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A waiting job, as far as the choice depends on it.
 *
 * @param id the job
 * @param tenant owner
 * @param submittedBy key that sent it
 * @param rank of its priority class, 0 when a worker gave it back
 * @param submission place in the order of submissions
 * @param since since when it is here; ageing counts from then
 * @param needsId what a worker must have, or null when nothing is known
 * @param models model files it uses
 * @param passedAt when a job was first taken before it because of warm models, or null
 */
public record Candidate(
        String id,
        String tenant,
        String submittedBy,
        int rank,
        long submission,
        Instant since,
        @Nullable String needsId,
        List<String> models,
        @Nullable Instant passedAt) {
    public Candidate {
        models = List.copyOf(models);
    }
}
