package dev.comfygateway.contract.claim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A new attempt, leased to one worker.
 *
 * @param jobId the job
 * @param attemptId random; the fencing token
 * @param number attempt number, from 1
 * @param tenant owner of the job
 * @param workflow API-format graph with every template value filled in
 * @param inputs assets to hand to ComfyUI before the prompt
 * @param limits time limits
 * @param leaseSeconds how long the lease lasts without renewal
 * @param storageTicket bearer token for storage-service, good for this attempt's inputs and outputs only
 * @param allowPartialOutputs whether outputs that ComfyUI refused may be missing from a success
 * @param freeMemoryFirst whether models and caches must be freed before the prompt, so that it fits
 * @param estimatedSeconds how long the prompt takes by experience, or null while there is none
 * @param traceparent trace the job belongs to, or null
 */
public record Grant(
        String jobId,
        String attemptId,
        int number,
        String tenant,
        Map<String, Object> workflow,
        List<InputAsset> inputs,
        Limits limits,
        int leaseSeconds,
        String storageTicket,
        boolean allowPartialOutputs,
        boolean freeMemoryFirst,
        @Nullable Double estimatedSeconds,
        @Nullable String traceparent) {

    public Grant {
        workflow = new LinkedHashMap<>(workflow);
        inputs = List.copyOf(inputs);
    }

    /**
     * One asset and the places of the graph that name it.
     *
     * @param assetId the asset
     * @param filename its name, for the extension
     * @param size length in bytes
     * @param sha256 lower-case hex
     * @param uses node inputs that receive the uploaded name
     */
    public record InputAsset(String assetId, String filename, long size, String sha256, List<InputUse> uses) {
        public InputAsset {
            uses = List.copyOf(uses);
        }
    }

    /** One input of one node. */
    public record InputUse(String nodeId, String input) {}

    /**
     * Separate time limits of an attempt, each with its own error.
     *
     * @param startSeconds from the submit to ComfyUI until it starts the prompt
     * @param noProgressSeconds without any message about the prompt
     * @param totalSeconds from the grant to the end
     */
    public record Limits(int startSeconds, int noProgressSeconds, int totalSeconds) {}
}
