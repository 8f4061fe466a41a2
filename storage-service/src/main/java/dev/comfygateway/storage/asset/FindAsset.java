package dev.comfygateway.storage.asset;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Finds assets for those who may see them. For all others they do not exist. */
@Service
public class FindAsset {

    private final AssetRepository assets;

    FindAsset(AssetRepository assets) {
        this.assets = assets;
    }

    /** The ready asset, or the problem {@code ASSET_NOT_FOUND}. */
    public Mono<Asset> handle(Caller caller, String id) {
        return assets.find(id)
                .filter(asset -> asset.state() == AssetState.READY && caller.maySee(asset.tenant()))
                .switchIfEmpty(Mono.error(() -> notFound(id)));
    }

    /** The tenant's ready assets among the ids, in the order of the ids. */
    public Mono<List<Asset>> ofTenant(String tenant, List<String> ids) {
        if (ids.isEmpty()) {
            return Mono.just(List.of());
        }
        return assets.findReady(tenant, ids)
                .collectMap(Asset::id)
                .map(found -> new LinkedHashSet<>(ids)
                        .stream().map(found::get).filter(Objects::nonNull).toList());
    }

    public static ProblemException notFound(String id) {
        return new ProblemException(ErrorCode.ASSET_NOT_FOUND, "No asset " + id);
    }
}
