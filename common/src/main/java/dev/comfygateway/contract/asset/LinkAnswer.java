package dev.comfygateway.contract.asset;

import java.time.Instant;
import java.util.Map;

/**
 * Presigned links.
 *
 * @param links asset id to URL; assets that do not exist or belong to another tenant are missing
 * @param expiresAt when the links stop working
 */
public record LinkAnswer(Map<String, String> links, Instant expiresAt) {
    public LinkAnswer {
        links = Map.copyOf(links);
    }
}
