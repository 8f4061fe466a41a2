package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.settings.InvalidSettingException;
import io.minio.MakeBucketArgs;
import io.minio.MinioAsyncClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
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
    private static final Duration PAUSE = Duration.ofMillis(500);

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
        long end = System.nanoTime() + patience.toNanos();
        try (MinioAsyncClient client = S3Configuration.client(properties)) {
            while (!made(client, properties)) {
                if (System.nanoTime() > end) {
                    throw new InvalidSettingException(
                            "S3_ENDPOINT", "is " + properties.endpoint() + ", where no S3 server answers");
                }
                Thread.sleep(PAUSE);
            }
        }
        System.out.println("The bucket " + properties.bucket() + " is ready at " + properties.endpoint());
    }

    /** False when the store does not answer yet. */
    private static boolean made(MinioAsyncClient client, S3Properties properties) {
        try {
            client.makeBucket(MakeBucketArgs.builder()
                            .bucket(properties.bucket())
                            .region(properties.region())
                            .build())
                    .join();
            return true;
        } catch (CompletionException e) {
            @Nullable String code = S3ObjectStore.s3Code(e);
            if (code != null && THERE.contains(code)) {
                return true;
            }
            if (code == null && S3ObjectStore.has(e, IOException.class)) {
                return false;
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
