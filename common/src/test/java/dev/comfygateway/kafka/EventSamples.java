package dev.comfygateway.kafka;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.offer.PreviewsRequested;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.contract.worker.WorkerState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One object of every event type, as a producer would make it. */
public final class EventSamples {

    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final String JOB = "j_0197f5c2a1b07c3d8e4f5a6b7c8d9e0f";
    private static final String SHA = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    private static final AttemptRef ATTEMPT = new AttemptRef(JOB, "at_1", 1, "gpu-0");
    private static final NodeCount NODES = new NodeCount(4, 7);
    private static final JobOutput OUTPUT =
            new JobOutput("as_1", 0, "cat.png", "image/png", 12, SHA, "image", null, false, false);
    private static final Failure FAILURE = new Failure(
            ErrorCode.INVALID_WORKFLOW,
            "Refused",
            FailureCategory.VALIDATION,
            false,
            null,
            null,
            List.of(new FieldError("/3/inputs/steps", "too small")));
    private static final JobEvent.OutcomeContext CONTEXT =
            new JobEvent.OutcomeContext("acme", null, Map.of("order", 7), null, new JobTiming(AT, null, null, null), 0);

    private EventSamples() {}

    public static List<EventData> all() {
        return List.of(
                new JobOffered(JOB, "default", AT),
                new JobEvent.JobSubmitted(JOB, 1, AT, "default", Priority.HIGH),
                new JobEvent.JobStarted(JOB, 2, AT, 1, "at_1", "gpu-0"),
                new JobEvent.JobRequeued(JOB, 3, AT, 1, FAILURE, AT, "big"),
                new JobEvent.JobReprioritized(JOB, 2, AT, Priority.LOW),
                new JobEvent.JobCancelRequested(JOB, 3, AT),
                new JobEvent.JobSucceeded(JOB, 3, AT, "at_1", List.of(OUTPUT), CONTEXT),
                new JobEvent.JobFailed(JOB, 3, AT, FAILURE, CONTEXT),
                new JobEvent.JobCanceled(JOB, 3, AT, CONTEXT),
                new JobEvent.JobExpired(JOB, 3, AT, FAILURE, CONTEXT),
                new AttemptReport.ExecutionStarted(ATTEMPT, 1, AT, "prompt", NODES),
                new AttemptReport.NodeStarted(ATTEMPT, 2, AT, "3", "KSampler", NODES),
                new AttemptReport.NodeFinished(ATTEMPT, 3, AT, "3", "KSampler", true, NODES),
                new AttemptReport.Progressed(ATTEMPT, 4, AT, "3", "KSampler", 5, 20, NODES, 0.25),
                new AttemptReport.OutputStored(ATTEMPT, 5, AT, OUTPUT),
                new AttemptReport.AttemptSucceeded(ATTEMPT, 6, AT, List.of(OUTPUT), 4211),
                new AttemptReport.AttemptFailed(ATTEMPT, 6, AT, FAILURE),
                new AttemptReport.AttemptCanceled(ATTEMPT, 6, AT),
                new AttemptStopRequested(JOB, "at_1", "gpu-0", AT),
                new PreviewShown(ATTEMPT, AT, "3", "image/jpeg", "/9j/4A=="),
                new PreviewsRequested(JOB, "at_1", "gpu-0", AT),
                new WorkerHeartbeat(
                        "gpu-0", "i-1", "default", WorkerState.IDLE, 1, 1, 0, true, null, null, null, null, null, AT),
                new WorkerInventory(
                        SHA,
                        Set.of("KSampler", "SaveImage"),
                        Set.of("SaveImage"),
                        Map.of("LoadImage", List.of("image")),
                        Map.of("CheckpointLoaderSimple.ckpt_name", List.of("a.safetensors"))));
    }
}
