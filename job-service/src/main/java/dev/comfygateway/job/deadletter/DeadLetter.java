package dev.comfygateway.job.deadletter;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.comfygateway.contract.problem.Failure;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job that failed for good and waits for an operator.
 *
 * @param jobId the job
 * @param tenant its owner
 * @param pool where it ran last
 * @param workflowId template it was made from, or null
 * @param error why it failed
 * @param failedAt when
 * @param attempts how many attempts it had
 * @param history the attempts, in a single dead letter only
 * @param requeuedAs the job that took its place, or null
 */
public record DeadLetter(
        String jobId,
        String tenant,
        String pool,
        @Nullable String workflowId,
        Failure error,
        Instant failedAt,
        int attempts,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<PastAttempt> history,
        @Nullable String requeuedAs) {

    DeadLetter with(List<PastAttempt> found) {
        return new DeadLetter(
                jobId, tenant, pool, workflowId, error, failedAt, attempts, List.copyOf(found), requeuedAs);
    }

    /**
     * One attempt of the job.
     *
     * @param endReason the code of its failure, or what else ended it
     */
    public record PastAttempt(
            int number,
            String attemptId,
            String workerId,
            String phase,
            Instant grantedAt,
            @Nullable Instant endedAt,
            @Nullable String endReason) {}
}
