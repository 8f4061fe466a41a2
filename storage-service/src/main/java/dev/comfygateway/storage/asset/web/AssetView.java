package dev.comfygateway.storage.asset.web;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.comfygateway.storage.asset.Asset;
import java.time.Instant;

/**
 * An asset as clients see it.
 *
 * @param assetId its id
 * @param filename name for people
 * @param contentType media type found from the bytes
 * @param size length in bytes
 * @param sha256 lower-case hex
 * @param createdAt when it was stored
 * @param url presigned link, signed anew at each read
 * @param contentUrl path of the same bytes through this service
 */
@JsonPropertyOrder({"assetId", "filename", "contentType", "size", "sha256", "createdAt", "url", "contentUrl"})
record AssetView(
        String assetId,
        String filename,
        String contentType,
        long size,
        String sha256,
        Instant createdAt,
        String url,
        String contentUrl) {

    static AssetView of(Asset asset, String url) {
        return new AssetView(
                asset.id(),
                asset.filename(),
                asset.contentType(),
                asset.size(),
                asset.sha256(),
                asset.createdAt(),
                url,
                "/v1/assets/" + asset.id() + "/content");
    }
}
