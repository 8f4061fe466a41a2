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
    /**
     * So much of an upload is read, though not kept, before it is refused: a client that is still sending when the
     * connection closes often never sees the answer.
     */
    private final long drainLimit;

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
        this.drainLimit = 2 * limit;
    }

    /**
     * Stores the bytes as an asset of the tenant. Ends with a problem when they are too many or none, or the store
     * refuses them; then nothing remains of them.
     *
     * @param announced length the client says, or -1
     */
    public Mono<Asset> handle(String tenant, String filename, long announced, Flux<DataBuffer> bytes) {
        if (announced > drainLimit) {
            return Mono.error(tooLarge());
        }
        return Mono.usingWhen(
                blocking.call(() -> Files.createTempFile("upload-", ".part")),
                file -> spool(bytes, file).flatMap(incoming -> keep(tenant, filename, file, incoming)),
                file -> blocking.call(() -> Files.deleteIfExists(file)));
    }

    private Mono<Incoming> spool(Flux<DataBuffer> bytes, Path file) {
        Incoming incoming = new Incoming(limit);
        Flux<DataBuffer> watched = bytes.<DataBuffer>handle((buffer, sink) -> {
                    if (incoming.pass(buffer)) {
                        sink.next(buffer);
                        return;
                    }
                    DataBufferUtils.release(buffer);
                    if (incoming.size() > drainLimit) {
                        sink.error(tooLarge());
                    }
                })
                .doOnDiscard(DataBuffer.class, DataBufferUtils::release);
        return DataBufferUtils.write(watched, file, StandardOpenOption.WRITE)
                .then(Mono.defer(() -> incoming.tooLarge() ? Mono.error(tooLarge()) : Mono.just(incoming)));
    }

    private ProblemException tooLarge() {
        return new ProblemException(ErrorCode.UPLOAD_TOO_LARGE, "The limit is " + limit + " bytes");
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
