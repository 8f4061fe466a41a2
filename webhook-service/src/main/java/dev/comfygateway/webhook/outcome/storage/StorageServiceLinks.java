package dev.comfygateway.webhook.outcome.storage;

import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.webhook.outcome.AssetLinks;
import dev.comfygateway.webhook.outcome.LinkProperties;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Asks storage-service; after a failure not again for a moment, so that a silent one does not hold up every outcome. */
@Component
final class StorageServiceLinks implements AssetLinks {

    private static final Logger log = LoggerFactory.getLogger(StorageServiceLinks.class);
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final WebClient client;
    private final InternalTokens tokens;
    private final LinkProperties properties;
    private final Clock clock;
    private volatile Instant pausedUntil = Instant.MIN;

    StorageServiceLinks(WebClient.Builder builder, InternalTokens tokens, LinkProperties properties, Clock clock) {
        this.client = builder.baseUrl(properties.storageUrl().toString()).build();
        this.tokens = tokens;
        this.properties = properties;
        this.clock = clock;
    }

    @Override
    public Mono<Map<String, String>> links(String tenant, List<String> assetIds) {
        if (assetIds.isEmpty() || clock.instant().isBefore(pausedUntil)) {
            return Mono.just(Map.of());
        }
        int ttl = Math.toIntExact(properties.ttl().toSeconds());
        return client.post()
                .uri("/internal/links")
                .headers(headers -> headers.setBearerAuth(tokens.issue(Caller.service("webhook-service"), TOKEN_LIFE)))
                .bodyValue(new LinkRequest(tenant, assetIds, LinkRequest.PUBLIC, ttl))
                .retrieve()
                .bodyToMono(LinkAnswer.class)
                .map(LinkAnswer::links)
                .timeout(properties.timeout())
                .onErrorResume(error -> {
                    pausedUntil = clock.instant().plus(PAUSE);
                    log.warn("No links from storage-service; webhooks go without: {}", error.toString());
                    return Mono.just(Map.of());
                });
    }
}
