package dev.comfygateway.contract.asset;

import java.util.List;
import java.util.Map;

/**
 * Where to put the announced outputs, in the order they were announced.
 *
 * @param targets one per file
 */
public record UploadAnswer(List<UploadTarget> targets) {

    public UploadAnswer {
        targets = List.copyOf(targets);
    }

    /**
     * One presigned PUT.
     *
     * @param index as announced
     * @param assetId id under which the asset will be known once it is verified
     * @param url presigned, valid for five minutes; never log it
     * @param headers to send with the PUT, exactly these; they are part of the signature
     */
    public record UploadTarget(int index, String assetId, String url, Map<String, String> headers) {
        public UploadTarget {
            headers = Map.copyOf(headers);
        }
    }
}
