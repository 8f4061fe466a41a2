package dev.comfygateway.contract.job;

import org.jspecify.annotations.Nullable;

/**
 * One stored and verified output of a job.
 *
 * @param assetId where storage-service keeps it
 * @param index position among the job's outputs, from 0
 * @param filename name for people, with the prefix the workflow asked for
 * @param contentType media type found from the bytes
 * @param size length in bytes, never 0
 * @param sha256 lower-case hex
 * @param kind {@code image}, {@code video}, {@code audio}, {@code model} (3D), {@code text} or {@code file}
 * @param nodeId graph node that made it, or null when unknown
 * @param temporary whether the node marked it as a preview rather than a result
 * @param reused whether ComfyUI answered from its cache
 */
public record JobOutput(
        String assetId,
        int index,
        String filename,
        String contentType,
        long size,
        String sha256,
        String kind,
        @Nullable String nodeId,
        boolean temporary,
        boolean reused) {}
