package dev.comfygateway.storage.asset.s3;

import io.minio.BucketExistsArgs;
import io.minio.MinioAsyncClient;
import java.time.Duration;
import org.springframework.boot.health.contributor.AbstractReactiveHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** Health component {@code s3}: the bucket answers. */
@Component("s3HealthIndicator")
class S3HealthIndicator extends AbstractReactiveHealthIndicator {

    private static final Duration TIMEOUT = Duration.ofSeconds(3);

    private final MinioAsyncClient client;
    private final S3Properties properties;

    S3HealthIndicator(MinioAsyncClient client, S3Properties properties) {
        this.client = client;
        this.properties = properties;
    }

    @Override
    protected Mono<Health> doHealthCheck(Health.Builder builder) {
        return Mono.fromFuture(() -> client.bucketExists(
                        BucketExistsArgs.builder().bucket(properties.bucket()).build()))
                .timeout(TIMEOUT)
                .map(exists -> exists
                        ? builder.up().build()
                        : builder.down().withDetail("bucket", "missing").build())
                .onErrorResume(error -> Mono.just(builder.down()
                        .withDetail("error", "Storage does not answer")
                        .build()));
    }
}
