package dev.comfygateway.job.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.contract.job.JobStatus;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What happened to a job.
 *
 * @param attempts in order
 * @param timeline everything that happened, in order
 */
@JsonPropertyOrder({"jobId", "status", "attempts", "timeline"})
public record JobLog(String jobId, JobStatus status, List<AttemptLog> attempts, List<Entry> timeline) {

    public JobLog {
        attempts = List.copyOf(attempts);
        timeline = List.copyOf(timeline);
    }

    /**
     * One attempt.
     *
     * @param startedAt when ComfyUI began, or null when it did not or nobody said
     * @param endReason why it ended, or null while it runs
     * @param failure what was wrong, or null
     * @param decision why the scheduler gave it to this worker, or null when it did not say
     * @param nodesLeftOut nodes that are not listed because there are too many
     */
    @JsonPropertyOrder({"number", "workerId", "grantedAt", "startedAt", "endedAt", "endReason", "failure", "decision"})
    public record AttemptLog(
            int number,
            String workerId,
            Instant grantedAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable String endReason,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            LoggedFailure failure,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            JsonNode decision,

            int outputsStored,
            List<NodeLog> nodes,
            int nodesLeftOut) {
        public AttemptLog {
            nodes = List.copyOf(nodes);
        }
    }

    /** One node of the graph; times are the worker's. */
    @JsonPropertyOrder({"nodeId", "nodeClass", "startedAt", "endedAt", "durationMs", "cached", "stepsDone", "steps"})
    public record NodeLog(
            String nodeId,
            @Nullable String nodeClass,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Long durationMs,
            boolean cached,
            int stepsDone,
            int steps) {}

    /** What was wrong, without what the job was made of. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"code", "message"})
    public record LoggedFailure(
            String code,
            String message,
            @Nullable String nodeId,
            @Nullable String nodeClass) {}

    /**
     * Something that happened.
     *
     * @param seq number of the job's event, or null for what only an attempt is concerned with
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonPropertyOrder({"at", "seq", "event"})
    public record Entry(
            Instant at,
            @Nullable Long seq,
            String event,
            @Nullable Integer attempt,
            @Nullable String workerId,
            @Nullable String endReason,
            @Nullable LoggedFailure failure,
            @Nullable Instant notBefore) {}
}
