package dev.comfygateway.storage.asset;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.id.Ids;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Takes a client's file.
 *
 * <p>The bytes pass through a temporary file: only at their end are length, hash and type known, and nothing half done
 * reaches the store when a client goes away. Memory use does not depend on the size.
 */
@Service
public class StoreUpload {

    private static final Logger log = LoggerFactory.getLogger(StoreUpload.class);

    private final AssetRepository assets;
    private final ObjectStore store;
    private final BlockingWork blocking;
    private final Clock clock;
    private final MeterRegistry meters;
    private final long limit;

    StoreUpload(
            AssetRepository assets,
            ObjectStore store,
            BlockingWork blocking,
            Clock clock,
            MeterRegistry meters,
            UploadProperties properties) {
        this.assets = assets;
        this.store = store;
        this.blocking = blocking;
        this.clock = clock;
        this.meters = meters;
        this.limit = properties.maxSize().toBytes();
    }

    /** Refuses early what says itself that it is too large. */
    public void checkAnnounced(long contentLength) {
        if (contentLength > limit) {
            throw new ProblemException(ErrorCode.UPLOAD_TOO_LARGE, "The limit is " + limit + " bytes");
        }
    }

    /**
     * Stores the bytes as an asset of the tenant. Ends with a problem when they are too many or none, or the store
     * refuses them; then nothing remains of them.
     */
    public Mono<Asset> handle(String tenant, String filename, Flux<DataBuffer> bytes) {
        return Mono.usingWhen(
                blocking.call(() -> Files.createTempFile("upload-", ".part")),
                file -> spool(bytes, file).flatMap(incoming -> keep(tenant, filename, file, incoming)),
                file -> blocking.call(() -> Files.deleteIfExists(file)));
    }

    private Mono<Incoming> spool(Flux<DataBuffer> bytes, Path file) {
        Incoming incoming = new Incoming(limit);
        Flux<DataBuffer> watched = bytes.<DataBuffer>handle((buffer, sink) -> {
                    try {
                        sink.next(incoming.pass(buffer));
                    } catch (ProblemException e) {
                        DataBufferUtils.release(buffer);
                        sink.error(e);
                    }
                })
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
        return DataBufferUtils.write(watched, file, StandardOpenOption.WRITE).thenReturn(incoming);
    }

    private Mono<Asset> keep(String tenant, String filename, Path file, Incoming incoming) {
        if (incoming.size() == 0) {
            return Mono.error(new ProblemException(ErrorCode.VALIDATION_ERROR, "The file is empty"));
        }
        String id = Ids.newAssetId();
        String name = Filenames.clean(filename);
        Asset asset = new Asset(
                id,
                tenant,
                AssetKind.INPUT,
                null,
                name,
                ObjectKeys.upload(id, name),
                incoming.contentType(),
                incoming.size(),
                incoming.sha256(),
                AssetState.PENDING,
                clock.instant());
        return assets.add(asset)
                .then(store.put(asset.objectKey(), file, asset.contentType()))
                .onErrorResume(error -> assets.discard(id).onErrorComplete().then(Mono.error(error)))
                .then(Mono.defer(() -> assets.markReady(id, clock.instant())))
                .doOnNext(this::stored);
    }

    private void stored(Asset asset) {
        meters.counter(MetricNames.STORAGE_BYTES, "direction", "upload").increment((double) asset.size());
        log.atInfo()
                .addKeyValue("asset.id", asset.id())
                .addKeyValue(LogKeys.TENANT_ID, asset.tenant())
                .addKeyValue("object.key", asset.objectKey())
                .addKeyValue("size", asset.size())
                .log("Upload stored");
    }
}
