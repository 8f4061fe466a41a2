package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.blocking.StartupWait;
import dev.comfygateway.settings.InvalidSettingException;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Creates the bucket of {@code S3_BUCKET} with the variables that storage-service has, for deployments whose store is
 * empty at first. Safe to run any number of times; waits a minute for a store that does not answer yet, and exits with 1
 * when there is no bucket in the end.
 */
public final class CreateBucket {

    private static final Set<String> THERE = Set.of("BucketAlreadyOwnedByYou", "BucketAlreadyExists");
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private CreateBucket() {}

    /** Runs once and returns. */
    public static void main(String[] args) throws Exception {
        try {
            String endpoint = variable("S3_ENDPOINT", "http://localhost:9000");
            create(
                    new S3Properties(
                            endpoint,
                            endpoint,
                            variable("S3_BUCKET", "comfyui-outputs"),
                            variable("S3_ACCESS_KEY", ""),
                            variable("S3_SECRET_KEY", ""),
                            variable("S3_REGION", "us-east-1"),
                            PATIENCE),
                    PATIENCE);
        } catch (InvalidSettingException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }

    /**
     * Blocks until the bucket is there.
     *
     * @throws InvalidSettingException when the store refuses, or does not answer within {@code patience}
     */
    static void create(S3Properties properties, Duration patience) throws Exception {
        try (MinioAsyncClient client = S3Configuration.client(properties)) {
            StartupWait.await(patience, () -> absence(client, properties), absence -> {})
                    .ifPresent(absence -> {
                        throw new InvalidSettingException(
                                "S3_ENDPOINT", "is " + properties.endpoint() + ", where no S3 server answers");
                    });
        }
        System.out.println("The bucket " + properties.bucket() + " is ready at " + properties.endpoint());
    }

    /** Creates the bucket, or answers why the store does not answer. */
    private static Optional<CompletionException> absence(MinioAsyncClient client, S3Properties properties) {
        try {
            client.makeBucket(MakeBucketArgs.builder()
                            .bucket(properties.bucket())
                            .region(properties.region())
                            .build())
                    .join();
            return Optional.empty();
        } catch (CompletionException e) {
            @Nullable String code = S3ObjectStore.s3Code(e);
            if (code != null && THERE.contains(code)) {
                return Optional.empty();
            }
            if (code == null && S3ObjectStore.has(e, IOException.class)) {
                return Optional.of(e);
            }
            throw new InvalidSettingException(
                    "S3_BUCKET",
                    "cannot be created at " + properties.endpoint() + ": "
                            + Objects.requireNonNullElse(code, String.valueOf(e.getMessage())));
        }
    }

    private static String variable(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null || value.isBlank() ? otherwise : value.strip();
    }
}
