package dev.comfygateway.storage.output;

import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.AssetRepository;
import dev.comfygateway.storage.asset.FindAsset;
import dev.comfygateway.storage.asset.Hashing;
import dev.comfygateway.storage.asset.ObjectStore;
import dev.comfygateway.storage.asset.ObjectStore.StoredObject;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Verifies what an attempt has put. Only then is it an asset that anybody sees. Repeating it is harmless. */
@Service
public class CompleteOutputs {

    private static final Logger log = LoggerFactory.getLogger(CompleteOutputs.class);

    private final AssetRepository assets;
    private final ObjectStore store;
    private final Clock clock;
    private final MeterRegistry meters;

    CompleteOutputs(AssetRepository assets, ObjectStore store, Clock clock, MeterRegistry meters) {
        this.assets = assets;
        this.store = store;
        this.clock = clock;
        this.meters = meters;
    }

    /** All of them verified, in the order asked; otherwise the first problem, and those before it stay verified. */
    public Mono<AssetList> handle(Ticket ticket, UploadCompletion completion) {
        return ticket.stillWanted(assets)
                .thenMany(Flux.fromIterable(completion.assetIds()).concatMap(id -> complete(ticket, id)))
                .map(Asset::info)
                .collectList()
                .map(AssetList::new);
    }

    private Mono<Asset> complete(Ticket ticket, String id) {
        return assets.find(id)
                .filter(asset -> asset.isOutputOf(ticket.jobId(), ticket.attemptId())
                        && asset.tenant().equals(ticket.tenant()))
                .switchIfEmpty(Mono.error(() -> FindAsset.notFound(id)))
                .flatMap(asset -> switch (asset.state()) {
                    case READY -> Mono.just(asset);
                    case DISCARDED -> Mono.error(Ticket::notWanted);
                    case PENDING -> verify(asset).then(Mono.defer(() -> ready(asset)));
                });
    }

    private Mono<Void> verify(Asset asset) {
        return store.head(asset.objectKey())
                .switchIfEmpty(Mono.error(() -> new ProblemException(
                        ErrorCode.STORAGE_S3_PUT_ERROR, "The bytes of " + asset.id() + " did not arrive")))
                .flatMap(stored -> matches(asset, stored))
                .flatMap(matches -> matches ? Mono.empty() : refuse(asset));
    }

    private Mono<Boolean> matches(Asset asset, StoredObject stored) {
        if (stored.size() != asset.size()) {
            return Mono.just(false);
        }
        String kept = stored.sha256();
        // Stores that keep no checksum are read once.
        return kept != null
                ? Mono.just(kept.equals(asset.sha256()))
                : hash(asset).map(asset.sha256()::equals);
    }

    private Mono<String> hash(Asset asset) {
        return store.read(asset.objectKey(), 0, asset.size())
                .reduceWith(Hashing::sha256, CompleteOutputs::update)
                .map(digest -> HexFormat.of().formatHex(digest.digest()));
    }

    private static MessageDigest update(MessageDigest digest, DataBuffer buffer) {
        try (DataBuffer.ByteBufferIterator parts = buffer.readableByteBuffers()) {
            parts.forEachRemaining(digest::update);
        }
        DataBufferUtils.release(buffer);
        return digest;
    }

    /** Wrong bytes are deleted, so that the right ones can take their place. */
    private Mono<Void> refuse(Asset asset) {
        return store.delete(asset.objectKey())
                .onErrorComplete()
                .then(Mono.error(() -> new ProblemException(
                        ErrorCode.OUTPUT_INVALID, "The stored bytes of " + asset.id() + " are not those announced")));
    }

    private Mono<Asset> ready(Asset asset) {
        return assets.markReady(asset.id(), clock.instant())
                .doOnNext(this::stored)
                // Somebody was faster: the same completion sent twice, or the job's end.
                .switchIfEmpty(assets.find(asset.id()).flatMap(now -> switch (now.state()) {
                    case READY -> Mono.just(now);
                    case PENDING, DISCARDED -> Mono.error(Ticket::notWanted);
                }));
    }

    private void stored(Asset asset) {
        meters.counter(MetricNames.STORAGE_BYTES, "direction", "output").increment((double) asset.size());
        log.atInfo()
                .addKeyValue("asset.id", asset.id())
                .addKeyValue(
                        LogKeys.JOB_ID,
                        asset.source() == null ? null : asset.source().jobId())
                .addKeyValue(LogKeys.TENANT_ID, asset.tenant())
                .addKeyValue("object.key", asset.objectKey())
                .addKeyValue("size", asset.size())
                .log("Output verified");
    }
}
