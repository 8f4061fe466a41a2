package dev.comfygateway.webhook.outcome;

import java.util.List;
import java.util.Map;
import reactor.core.publisher.Mono;

/** Presigned links to assets. */
public interface AssetLinks {

    /**
     * Asset id to link. Never fails and never takes long: assets without a link are missing from the map, all of them
     * when storage-service is away.
     */
    Mono<Map<String, String>> links(String tenant, List<String> assetIds);
}
