package dev.comfygateway.storage.link;

import java.time.Instant;

/**
 * A presigned link to one asset.
 *
 * @param url never log it
 * @param expiresAt when it stops working
 */
public record Link(String url, Instant expiresAt) {}
