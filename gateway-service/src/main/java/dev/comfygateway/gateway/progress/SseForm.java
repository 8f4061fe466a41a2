package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.Failure;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes stream items as server-sent events. */
@Component
final class SseForm {

    private final JsonMapper json;

    SseForm(JsonMapper json) {
        this.json = json;
    }

    ServerSentEvent<String> write(StreamItem item) {
        return switch (item) {
            case StreamItem.Change change -> change(change.event());
            case StreamItem.Report report -> report(report.report());
            case StreamItem.Preview preview -> preview(preview.preview());
            case StreamItem.Heartbeat heartbeat ->
                ServerSentEvent.<String>builder().comment("heartbeat").build();
        };
    }

    private ServerSentEvent<String> change(JobEvent event) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("jobId", event.jobId());
        data.put("seq", event.seq());
        data.put("status", event.status().toString());
        data.put("at", event.at());
        String name = switch (event) {
            case JobEvent.JobSubmitted submitted -> {
                data.put("pool", submitted.pool());
                data.put("priority", submitted.priority().toString());
                yield "queued";
            }
            case JobEvent.JobStarted started -> {
                data.put("attempt", started.attempt());
                data.put("workerId", started.workerId());
                yield "running";
            }
            case JobEvent.JobRequeued requeued -> {
                data.put("attempt", requeued.attempt());
                data.put("reason", failure(requeued.reason()));
                data.put("notBefore", requeued.notBefore());
                if (requeued.pool() != null) {
                    data.put("pool", requeued.pool());
                }
                yield "requeued";
            }
            case JobEvent.JobReprioritized moved -> {
                data.put("priority", moved.priority().toString());
                yield "reprioritized";
            }
            case JobEvent.JobCancelRequested canceling -> "canceling";
            case JobEvent.JobOutcome outcome -> {
                data.put(
                        "outputs",
                        outcome instanceof JobEvent.JobSucceeded succeeded
                                ? succeeded.outputs().stream()
                                        .map(SseForm::output)
                                        .toList()
                                : List.of());
                data.put(
                        "error",
                        switch (outcome) {
                            case JobEvent.JobFailed failed -> failure(failed.failure());
                            case JobEvent.JobExpired expired -> failure(expired.failure());
                            case JobEvent.JobSucceeded succeeded -> null;
                            case JobEvent.JobCanceled canceled -> null;
                        });
                data.put("timing", outcome.context().timing());
                data.put("attempts", outcome.context().attempts());
                yield "end";
            }
        };
        return event(name, data).id(Long.toString(event.seq())).build();
    }

    private ServerSentEvent<String> report(AttemptReport report) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("jobId", report.attempt().jobId());
        data.put("attempt", report.attempt().number());
        String name = switch (report) {
            case AttemptReport.ExecutionStarted started -> {
                progress(data, 0, started.nodes());
                yield "progress";
            }
            case AttemptReport.Progressed progressed -> {
                progress(data, progressed.fraction(), progressed.nodes());
                data.put("node", progressed.nodeId());
                data.put("nodeClass", progressed.nodeClass());
                data.put("step", progressed.step());
                data.put("steps", progressed.steps());
                yield "progress";
            }
            case AttemptReport.NodeStarted started -> {
                node(data, "started", started.nodeId(), started.nodeClass(), false, started.nodes());
                yield "node";
            }
            case AttemptReport.NodeFinished finished -> {
                node(data, "finished", finished.nodeId(), finished.nodeClass(), finished.cached(), finished.nodes());
                yield "node";
            }
            case AttemptReport.OutputStored stored -> {
                data.put("output", output(stored.output()));
                yield "output";
            }
            case AttemptReport.Ended ended -> throw new IllegalArgumentException("Never part of a stream: " + ended);
        };
        return event(name, data).build();
    }

    private ServerSentEvent<String> preview(PreviewShown shown) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("jobId", shown.attempt().jobId());
        data.put("attempt", shown.attempt().number());
        data.put("node", shown.nodeId());
        data.put("contentType", shown.contentType());
        data.put("image", shown.image());
        return event("preview", data).build();
    }

    private ServerSentEvent.Builder<String> event(String name, Map<String, @Nullable Object> data) {
        return ServerSentEvent.<String>builder().event(name).data(json.writeValueAsString(data));
    }

    private static void progress(Map<String, @Nullable Object> data, double fraction, NodeCount nodes) {
        data.put("fraction", fraction);
        data.put("percent", (int) Math.floor(fraction * 100));
        data.put("nodesDone", nodes.done());
        data.put("nodesTotal", nodes.total());
    }

    private static void node(
            Map<String, @Nullable Object> data,
            String state,
            String nodeId,
            String nodeClass,
            boolean cached,
            NodeCount nodes) {
        data.put("state", state);
        data.put("node", nodeId);
        data.put("nodeClass", nodeClass);
        data.put("cached", cached);
        data.put("nodesDone", nodes.done());
        data.put("nodesTotal", nodes.total());
    }

    private static Map<String, @Nullable Object> output(JobOutput output) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("index", output.index());
        data.put("assetId", output.assetId());
        data.put("filename", output.filename());
        data.put("contentType", output.contentType());
        data.put("kind", output.kind());
        data.put("size", output.size());
        data.put("sha256", output.sha256());
        data.put("nodeId", output.nodeId());
        data.put("temporary", output.temporary());
        data.put("reused", output.reused());
        data.put("contentUrl", "/v1/assets/" + output.assetId() + "/content");
        return data;
    }

    private static Map<String, @Nullable Object> failure(Failure failure) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("code", failure.code().name());
        data.put("message", failure.message());
        data.put("retryable", failure.retryable());
        data.put("category", failure.category().name());
        data.put("nodeId", failure.nodeId());
        data.put("nodeClass", failure.nodeClass());
        data.put("errors", failure.errors());
        return data;
    }
}
