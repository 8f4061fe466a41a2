package dev.comfygateway.storage.link;

import dev.comfygateway.contract.asset.LinkAnswer;
import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.Filenames;
import dev.comfygateway.storage.asset.FindAsset;
import dev.comfygateway.storage.asset.ObjectStore;
import dev.comfygateway.storage.asset.ObjectStore.Audience;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Signs links to assets. Asks the database once per call, the store never. */
@Service
public class CreateLinks {

    private static final int MAX_IDS = 1000;
    /** The longest that Signature Version 4 allows. */
    private static final Duration MAX_TTL = Duration.ofDays(7);

    private final FindAsset find;
    private final ObjectStore store;
    private final Clock clock;
    private final Duration ttl;

    CreateLinks(FindAsset find, ObjectStore store, Clock clock, LinkProperties properties) {
        this.find = find;
        this.store = store;
        this.clock = clock;
        this.ttl = properties.ttl();
    }

    /** Links to those of the assets that exist and belong to the tenant. */
    public Mono<LinkAnswer> handle(LinkRequest request) {
        Audience audience = switch (request.audience()) {
            case LinkRequest.PUBLIC -> Audience.PUBLIC;
            case LinkRequest.INTERNAL -> Audience.INTERNAL;
            default -> throw invalid("/audience", "must be public or internal");
        };
        if (request.assetIds().size() > MAX_IDS) {
            throw invalid("/assetIds", "must not have more than " + MAX_IDS + " entries");
        }
        Integer seconds = request.ttlSeconds();
        Duration validity = seconds == null ? ttl : Duration.ofSeconds(seconds);
        if (validity.compareTo(Duration.ofSeconds(1)) < 0 || validity.compareTo(MAX_TTL) > 0) {
            throw invalid("/ttlSeconds", "must be between 1 and " + MAX_TTL.toSeconds());
        }
        Instant expiresAt = clock.instant().plus(validity);
        return find.ofTenant(request.tenant(), request.assetIds()).map(assets -> {
            Map<String, String> links = new LinkedHashMap<>();
            assets.forEach(asset -> links.put(asset.id(), sign(asset, audience, validity)));
            return new LinkAnswer(links, expiresAt);
        });
    }

    /** A link for a worker to an asset of the tenant, or the problem {@code ASSET_NOT_FOUND}. */
    public Mono<Link> internal(String tenant, String assetId) {
        return find.ofTenant(tenant, List.of(assetId)).map(found -> {
            if (found.isEmpty()) {
                throw FindAsset.notFound(assetId);
            }
            return new Link(
                    sign(found.getFirst(), Audience.INTERNAL, ttl),
                    clock.instant().plus(ttl));
        });
    }

    /** A link for clients. */
    public String publicUrl(Asset asset) {
        return sign(asset, Audience.PUBLIC, ttl);
    }

    private String sign(Asset asset, Audience audience, Duration validity) {
        return store.presignGet(
                asset.objectKey(),
                audience,
                Filenames.contentDisposition(asset.filename(), asset.contentType()),
                validity);
    }

    private static ProblemException invalid(String pointer, String detail) {
        return new ProblemException(
                ErrorCode.VALIDATION_ERROR, "The request is not valid", List.of(new FieldError(pointer, detail)));
    }
}
