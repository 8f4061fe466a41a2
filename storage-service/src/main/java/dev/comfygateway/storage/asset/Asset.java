package dev.comfygateway.storage.asset;

import dev.comfygateway.contract.asset.AssetInfo;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One stored file.
 *
 * @param id {@code as_} and a time-ordered id
 * @param tenant owner
 * @param kind where it comes from
 * @param source the attempt that made it, or null for an upload
 * @param filename name for people
 * @param objectKey where its bytes are
 * @param contentType media type found from the bytes
 * @param size length in bytes
 * @param sha256 lower-case hex
 * @param state only ready assets are shown
 * @param createdAt when its bytes were verified, or until then when it was announced
 */
public record Asset(
        String id,
        String tenant,
        AssetKind kind,
        @Nullable OutputSource source,
        String filename,
        String objectKey,
        String contentType,
        long size,
        String sha256,
        AssetState state,
        Instant createdAt) {

    /**
     * What made an output.
     *
     * @param jobId the job
     * @param attemptId its attempt
     * @param index position among the attempt's outputs
     */
    public record OutputSource(String jobId, String attemptId, int index) {}

    /** Whether this is an output of that attempt. */
    public boolean isOutputOf(String jobId, String attemptId) {
        return source != null
                && source.jobId().equals(jobId)
                && source.attemptId().equals(attemptId);
    }

    /** As other services see it. */
    public AssetInfo info() {
        return new AssetInfo(id, tenant, filename, contentType, size, sha256, createdAt);
    }
}
