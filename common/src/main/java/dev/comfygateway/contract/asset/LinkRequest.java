package dev.comfygateway.contract.asset;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for presigned links to assets of one tenant.
 *
 * @param tenant owner; assets of others are left out of the answer
 * @param assetIds what to sign
 * @param audience {@code public} for clients ({@code S3_PUBLIC_ENDPOINT}), {@code internal} for our own services
 * @param ttlSeconds validity, or null for the configured default
 */
public record LinkRequest(
        String tenant,
        List<String> assetIds,
        String audience,
        @Nullable Integer ttlSeconds) {

    public static final String PUBLIC = "public";
    public static final String INTERNAL = "internal";

    public LinkRequest {
        assetIds = List.copyOf(assetIds);
    }
}
