package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.storage.asset.BlockingWork;
import dev.comfygateway.storage.asset.ObjectStore;
import io.minio.Checksum;
import io.minio.GetObjectArgs;
import io.minio.GetObjectResponse;
import io.minio.MinioAsyncClient;
import io.minio.RemoveObjectArgs;
import io.minio.StatObjectArgs;
import io.minio.StatObjectResponse;
import io.minio.UploadObjectArgs;
import io.minio.errors.ErrorResponseException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Bytes in a bucket of any S3-compatible server. */
@Component
class S3ObjectStore implements ObjectStore {

    private static final Logger log = LoggerFactory.getLogger(S3ObjectStore.class);
    private static final int CHUNK = 64 * 1024;
    /** Above this a file goes up in parts of this size, each held in memory once. */
    private static final long PART_SIZE = 16L * 1024 * 1024;

    private final MinioAsyncClient client;
    private final PresignedUrls urls;
    private final S3Properties properties;
    private final BlockingWork blocking;

    S3ObjectStore(MinioAsyncClient client, PresignedUrls urls, S3Properties properties, BlockingWork blocking) {
        this.client = client;
        this.urls = urls;
        this.properties = properties;
        this.blocking = blocking;
    }

    @Override
    public Mono<Void> put(String key, Path file, String contentType) {
        // The client reads the file before it returns its future, hence not on the caller's thread.
        return blocking.call(() -> client.uploadObject(UploadObjectArgs.builder()
                        .bucket(properties.bucket())
                        .object(key)
                        .filename(file.toString(), PART_SIZE)
                        .contentType(contentType)
                        .build()))
                .flatMap(Mono::fromFuture)
                .onErrorMap(error -> problem(error, ErrorCode.STORAGE_S3_PUT_ERROR, "put"))
                .then();
    }

    @Override
    public Mono<StoredObject> head(String key) {
        return Mono.fromFuture(() -> client.statObject(StatObjectArgs.builder()
                        .bucket(properties.bucket())
                        .object(key)
                        .fetchChecksum(true)
                        .build()))
                .map(S3ObjectStore::stored)
                .onErrorResume(S3ObjectStore::missing, error -> Mono.empty())
                .onErrorMap(error -> problem(error, ErrorCode.STORAGE_READ_ERROR, "head"));
    }

    private static StoredObject stored(StatObjectResponse response) {
        String checksum =
                response.checksums() == null ? null : response.checksums().get(Checksum.Algorithm.SHA256);
        // A composite checksum of a multipart upload has a suffix and says nothing about the whole.
        String hex = checksum == null || checksum.isBlank() || checksum.contains("-")
                ? null
                : HexFormat.of().formatHex(Base64.getDecoder().decode(checksum));
        return new StoredObject(response.size(), hex);
    }

    @Override
    public Flux<DataBuffer> read(String key, long offset, long length) {
        return Mono.fromFuture(() -> client.getObject(GetObjectArgs.builder()
                        .bucket(properties.bucket())
                        .object(key)
                        .offset(offset)
                        .length(length)
                        .build()))
                .flatMapMany(this::stream)
                .onErrorMap(error -> problem(error, ErrorCode.STORAGE_READ_ERROR, "get"));
    }

    private Flux<DataBuffer> stream(GetObjectResponse response) {
        return DataBufferUtils.readInputStream(() -> response, DefaultDataBufferFactory.sharedInstance, CHUNK)
                .subscribeOn(blocking.scheduler());
    }

    @Override
    public Mono<Void> delete(String key) {
        return Mono.fromFuture(() -> client.removeObject(RemoveObjectArgs.builder()
                        .bucket(properties.bucket())
                        .object(key)
                        .build()))
                .onErrorResume(S3ObjectStore::missing, error -> Mono.empty())
                .onErrorMap(error -> problem(error, ErrorCode.STORAGE_UNAVAILABLE, "delete"));
    }

    @Override
    public PresignedPut presignPut(String key, String contentType, long size, String sha256, Duration ttl) {
        Map<String, String> headers = Map.of(
                "Content-Type",
                contentType,
                "x-amz-checksum-sha256",
                Base64.getEncoder().encodeToString(HexFormat.of().parseHex(sha256)),
                "If-None-Match",
                "*");
        // The length is signed as well, though not among the headers to set: every HTTP client sends it by itself.
        Map<String, String> signed = new HashMap<>(headers);
        signed.put("Content-Length", Long.toString(size));
        return new PresignedPut(urls.sign("PUT", properties.endpoint(), key, signed, Map.of(), ttl), headers);
    }

    @Override
    public String presignGet(String key, Audience audience, String contentDisposition, Duration ttl) {
        String endpoint = switch (audience) {
            case PUBLIC -> properties.publicEndpoint();
            case INTERNAL -> properties.endpoint();
        };
        return urls.sign(
                "GET", endpoint, key, Map.of(), Map.of("response-content-disposition", contentDisposition), ttl);
    }

    private static boolean missing(Throwable error) {
        String code = s3Code(error);
        return "NoSuchKey".equals(code) || "NoSuchObject".equals(code);
    }

    private static ProblemException problem(Throwable error, ErrorCode code, String operation) {
        if (error instanceof ProblemException known) {
            return known;
        }
        String s3Code = s3Code(error);
        log.atWarn()
                .addKeyValue("operation", operation)
                .addKeyValue("s3.code", s3Code)
                .addKeyValue("cause", String.valueOf(root(error)))
                .log("Storage operation failed");
        if (s3Code == null && has(error, IOException.class)) {
            return new ProblemException(ErrorCode.STORAGE_UNAVAILABLE, "Storage does not answer");
        }
        return new ProblemException(code, s3Code == null ? code.title() : "Storage answered " + s3Code);
    }

    static @Nullable String s3Code(Throwable error) {
        return root(error) instanceof ErrorResponseException refused
                ? refused.errorResponse().code()
                : null;
    }

    /** What the client's futures wrap. */
    static Throwable root(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    static boolean has(Throwable error, Class<? extends Throwable> type) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
