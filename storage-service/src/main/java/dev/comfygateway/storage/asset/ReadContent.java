package dev.comfygateway.storage.asset;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import java.io.ByteArrayOutputStream;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Reads the bytes of an asset. */
@Service
public class ReadContent {

    private final ObjectStore store;

    ReadContent(ObjectStore store) {
        this.store = store;
    }

    /** A part, as a stream; stopping early is fine. */
    public Flux<DataBuffer> stream(Asset asset, long offset, long length) {
        return store.read(asset.objectKey(), offset, length);
    }

    /** All of it in memory; the problem {@code PAYLOAD_TOO_LARGE} above the limit. */
    public Mono<byte[]> whole(Asset asset, long limit) {
        if (asset.size() > limit) {
            return Mono.error(new ProblemException(
                    ErrorCode.PAYLOAD_TOO_LARGE, "As base64 at most " + limit + " bytes are given; read the stream"));
        }
        return store.read(asset.objectKey(), 0, asset.size())
                .reduceWith(() -> new ByteArrayOutputStream((int) asset.size()), ReadContent::append)
                .map(ByteArrayOutputStream::toByteArray);
    }

    private static ByteArrayOutputStream append(ByteArrayOutputStream all, DataBuffer buffer) {
        byte[] bytes = new byte[buffer.readableByteCount()];
        buffer.read(bytes);
        DataBufferUtils.release(buffer);
        all.write(bytes, 0, bytes.length);
        return all;
    }
}
