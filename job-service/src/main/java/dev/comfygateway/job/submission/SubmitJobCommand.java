package dev.comfygateway.job.submission;

import dev.comfygateway.contract.claim.Grant.InputUse;
import dev.comfygateway.contract.job.Priority;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checked request for a job.
 *
 * @param tenant owner
 * @param submittedBy key that sent it
 * @param idempotencyKey or null
 * @param bodySha256 of the request as it was sent
 * @param workflowId template, or null for a raw graph
 * @param graph filled
 * @param graphPointer where the request has the graph, for findings
 * @param assets assets that the graph names, and where
 * @param pool whose workers may run it
 * @param vramMb GPU memory it needs in MiB, or null
 * @param gpu part of the name of the GPU it asks for, or null
 * @param priority class
 * @param time limits and deadline
 * @param metadata as sent
 * @param callbackUrl or null
 * @param allowPartialOutputs whether refused outputs may be missing
 * @param traceparent trace of the request, or null
 */
public record SubmitJobCommand(
        String tenant,
        String submittedBy,
        @Nullable String idempotencyKey,
        String bodySha256,
        @Nullable String workflowId,
        Map<String, Object> graph,
        String graphPointer,
        Map<String, List<InputUse>> assets,
        String pool,
        @Nullable Integer vramMb,
        @Nullable String gpu,
        Priority priority,
        RequestedTime time,
        Map<String, Object> metadata,
        @Nullable String callbackUrl,
        boolean allowPartialOutputs,
        @Nullable String traceparent) {
    public SubmitJobCommand {
        graph = new LinkedHashMap<>(graph);
        assets = new LinkedHashMap<>(assets);
        metadata = new LinkedHashMap<>(metadata);
    }

    /** The same for another pool. */
    SubmitJobCommand inPool(String otherPool) {
        return new SubmitJobCommand(
                tenant,
                submittedBy,
                idempotencyKey,
                bodySha256,
                workflowId,
                graph,
                graphPointer,
                assets,
                otherPool,
                vramMb,
                gpu,
                priority,
                time,
                metadata,
                callbackUrl,
                allowPartialOutputs,
                traceparent);
    }
}
