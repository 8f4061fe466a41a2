package dev.comfygateway.webhook.outcome;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.contract.job.JobStatus;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.problem.Failure;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The JSON that receivers get. Members are only ever added.
 *
 * @param event {@code job.succeeded}, {@code job.failed}, {@code job.canceled} or {@code job.expired}
 * @param id webhook id; a receiver that has seen it can ignore the request
 * @param jobId the job
 * @param status final state
 * @param workflowId template, or null for a raw graph
 * @param result what it made; no outputs unless it succeeded
 * @param error why it did not succeed, or null
 * @param metadata as submitted
 * @param timing when things happened
 * @param attempts how many attempts were granted
 * @param createdAt when the job ended
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({
    "event",
    "id",
    "jobId",
    "status",
    "workflowId",
    "result",
    "error",
    "metadata",
    "timing",
    "attempts",
    "createdAt"
})
record WebhookBody(
        String event,
        String id,
        String jobId,
        JobStatus status,
        @Nullable String workflowId,
        Result result,
        @Nullable Failure error,
        Map<String, Object> metadata,
        JobTiming timing,
        int attempts,
        Instant createdAt) {

    /** What a job made. */
    record Result(List<Output> outputs) {}

    /**
     * One output.
     *
     * @param filename name for people
     * @param url presigned and good for a day, or null when none could be had; {@code contentUrl} stays
     * @param contentUrl the bytes through the gateway, with the tenant's key
     * @param contentType media type
     * @param size length in bytes
     * @param sha256 lower-case hex
     * @param assetId id in storage
     * @param index position among the outputs
     */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    @JsonPropertyOrder({"filename", "url", "contentUrl", "contentType", "size", "sha256", "assetId", "index"})
    record Output(
            String filename,
            @Nullable String url,
            String contentUrl,
            String contentType,
            long size,
            String sha256,
            String assetId,
            int index) {}
}
