package dev.comfygateway.storage.asset;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.observability.LogKeys;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Mono;

/** Deletes an asset for its owner. */
@Service
public class DeleteAsset {

    private static final Logger log = LoggerFactory.getLogger(DeleteAsset.class);

    private final FindAsset find;
    private final RemoveBytes remove;
    private final AssetRepository assets;

    DeleteAsset(FindAsset find, RemoveBytes remove, AssetRepository assets) {
        this.find = find;
        this.remove = remove;
        this.assets = assets;
    }

    /** The asset is gone when this completes; {@code ASSET_NOT_FOUND} when the caller sees none. */
    public Mono<Void> handle(Caller caller, String id) {
        return find.handle(caller, id)
                .flatMap(asset -> assets.discard(id)
                        .then(remove.handle(asset))
                        .doOnSuccess(done -> log.atInfo()
                                .addKeyValue("asset.id", id)
                                .addKeyValue(LogKeys.TENANT_ID, asset.tenant())
                                .log("Asset deleted")));
    }

    /** Deletes the bytes of discarded assets. */
    @Service
    public static class RemoveBytes {

        private final AssetRepository assets;
        private final ObjectStore store;
        private final Clock clock;

        RemoveBytes(AssetRepository assets, ObjectStore store, Clock clock) {
            this.assets = assets;
            this.store = store;
            this.clock = clock;
        }

        /** Deletes, then records that it is done, so that an interruption is made good by a repetition. */
        public Mono<Void> handle(Asset discarded) {
            return store.delete(discarded.objectKey())
                    .then(Mono.defer(() -> assets.markRemoved(discarded.id(), clock.instant())));
        }
    }
}
