package dev.comfygateway.contract.asset;

import java.time.Instant;

/**
 * A stored asset.
 *
 * @param assetId its id
 * @param tenant owner
 * @param filename name for people
 * @param contentType media type found from the bytes
 * @param size length in bytes
 * @param sha256 lower-case hex
 * @param createdAt when its bytes were verified
 */
public record AssetInfo(
        String assetId,
        String tenant,
        String filename,
        String contentType,
        long size,
        String sha256,
        Instant createdAt) {}
