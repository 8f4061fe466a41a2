package dev.comfygateway.job.storage;

import dev.comfygateway.contract.asset.AssetInfo;
import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Asks storage-service about assets. Every call ends within the configured timeout. */
@Component
public class StorageClient {

    private static final Logger log = LoggerFactory.getLogger(StorageClient.class);
    private static final Duration TOKEN_LIFE = Duration.ofSeconds(60);

    private final WebClient client;
    private final InternalTokens tokens;
    private final Duration timeout;

    StorageClient(WebClient.Builder builder, InternalTokens tokens, StorageClientProperties properties) {
        this.client = builder.baseUrl(properties.url()).build();
        this.tokens = tokens;
        this.timeout = properties.timeout();
    }

    /** Those of the assets that exist and belong to the tenant; an error when storage-service does not answer. */
    public Mono<List<AssetInfo>> find(String tenant, Collection<String> assetIds) {
        return client.get()
                .uri(uri -> uri.path("/internal/assets")
                        .queryParam("tenant", "{tenant}")
                        .queryParam("ids", "{ids}")
                        .build(Map.of("tenant", tenant, "ids", String.join(",", assetIds))))
                .headers(headers -> headers.setBearerAuth(token()))
                .retrieve()
                .bodyToMono(AssetList.class)
                .map(AssetList::assets)
                .timeout(timeout);
    }

    /** Links for clients; none when storage-service does not answer. */
    public Mono<Map<String, String>> links(String tenant, List<String> assetIds) {
        if (assetIds.isEmpty()) {
            return Mono.just(Map.of());
        }
        return client.post()
                .uri("/internal/links")
                .headers(headers -> headers.setBearerAuth(token()))
                .bodyValue(new LinkRequest(tenant, assetIds, LinkRequest.PUBLIC, null))
                .retrieve()
                .bodyToMono(LinkAnswer.class)
                .map(LinkAnswer::links)
                .timeout(timeout)
                .onErrorResume(error -> {
                    log.warn("Storage gave no links: {}", String.valueOf(error.getMessage()));
                    return Mono.just(Map.of());
                });
    }

    private String token() {
        return tokens.issue(Caller.service("job-service"), TOKEN_LIFE);
    }
}
