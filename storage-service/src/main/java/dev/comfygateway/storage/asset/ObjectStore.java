package dev.comfygateway.storage.asset;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Where bytes are kept. Nothing here blocks the caller. Failures are {@code ProblemException}s with a {@code STORAGE_…}
 * code.
 */
public interface ObjectStore {

    /** Stores a file. */
    Mono<Void> put(String key, Path file, String contentType);

    /** Length and checksum of an object, or empty when there is none. */
    Mono<StoredObject> head(String key);

    /** A part of an object's bytes; stopping early releases the connection. */
    Flux<DataBuffer> read(String key, long offset, long length);

    /** Deletes an object; one that does not exist is fine. */
    Mono<Void> delete(String key);

    /** A URL that accepts exactly these bytes, once. */
    PresignedPut presignPut(String key, String contentType, long size, String sha256, Duration ttl);

    /** A URL that gives the object with a {@code Content-Disposition}. */
    String presignGet(String key, Audience audience, String contentDisposition, Duration ttl);

    /** Who follows a link, and so which address of the store they see. */
    enum Audience {
        PUBLIC,
        INTERNAL
    }

    /**
     * What the store says about an object.
     *
     * @param size length in bytes
     * @param sha256 lower-case hex, or null when the store does not keep it
     */
    record StoredObject(long size, @Nullable String sha256) {}

    /**
     * A presigned PUT.
     *
     * @param url where to put
     * @param headers to send, exactly these
     */
    record PresignedPut(String url, Map<String, String> headers) {
        public PresignedPut {
            headers = Map.copyOf(headers);
        }
    }
}
