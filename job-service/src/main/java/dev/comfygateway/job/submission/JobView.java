package dev.comfygateway.job.submission;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.job.lifecycle.JobLimits;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A job as clients see it. */
@JsonPropertyOrder({
    "jobId",
    "status",
    "workflowId",
    "pool",
    "priority",
    "progress",
    "queue",
    "etaSeconds",
    "attempt",
    "outputs",
    "error",
    "timing",
    "deadline",
    "limits"
})
public record JobView(
        String jobId,
        JobStatus status,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String workflowId,
        String pool,
        Priority priority,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable QueueView queue,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long etaSeconds,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AttemptView attempt,
        ProgressView progress,
        List<OutputView> outputs,
        @Nullable Failure error,
        JobTiming timing,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Instant deadline,
        LimitsView limits,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String requeuedFrom,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String requeuedAs,
        int attempts,
        Map<String, Object> metadata,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String callbackUrl,
        String pollUrl,
        String eventsUrl,
        String cancelUrl) {

    /** How long it may take. */
    public record LimitsView(long waitingSeconds, long startSeconds, long noProgressSeconds, long totalSeconds) {
        static LimitsView of(JobLimits limits) {
            return new LimitsView(
                    limits.waiting().toSeconds(),
                    limits.start().toSeconds(),
                    limits.noProgress().toSeconds(),
                    limits.total().toSeconds());
        }
    }

    /** The attempt that runs now. */
    public record AttemptView(int number, String attemptId, String workerId, String phase, Instant startedAt) {}

    /** How far it is. */
    public record ProgressView(
            double percent,
            @Nullable Integer nodesDone,
            @Nullable Integer nodesTotal,
            @Nullable String currentNode,
            @Nullable String currentClass) {}

    /** One result. */
    public record OutputView(
            int index,
            String assetId,
            String filename,
            String contentType,
            String kind,
            long size,
            String sha256,
            @Nullable String nodeId,
            boolean temporary,
            boolean reused,
            @Nullable String url,
            String contentUrl) {}
}
