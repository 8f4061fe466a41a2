package dev.comfygateway.contract.asset;

import java.util.List;

/**
 * A worker has put its outputs and asks storage-service to verify them.
 *
 * @param assetIds as given by {@link UploadAnswer}; repeating a completion is harmless
 */
public record UploadCompletion(List<String> assetIds) {
    public UploadCompletion {
        assetIds = List.copyOf(assetIds);
    }
}
