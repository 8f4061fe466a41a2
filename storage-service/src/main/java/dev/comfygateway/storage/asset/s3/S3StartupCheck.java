package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.blocking.StartupWait;
import dev.comfygateway.settings.InvalidSettingException;
import io.minio.ListObjectsV2Args;
import io.minio.MinioAsyncClient;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Refuses to start on a store that cannot work, with one line that names the variable to correct. A store that does not
 * answer yet is waited for.
 *
 * <p>A life cycle bean, so that a training run of the class cache does not need a store; before the web server, so that
 * nothing is accepted that could not be kept.
 */
@Component
class S3StartupCheck implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(S3StartupCheck.class);

    private final MinioAsyncClient client;
    private final S3Properties properties;
    private volatile boolean running;

    S3StartupCheck(MinioAsyncClient client, S3Properties properties) {
        this.client = client;
        this.properties = properties;
    }

    @Override
    public void start() {
        StartupWait.await(
                        properties.startupWait(),
                        this::absence,
                        absence -> log.atInfo()
                                .addKeyValue("endpoint", properties.endpoint())
                                .log("Storage does not answer yet; waiting"))
                .ifPresent(absence -> {
                    throw refusal(absence, null);
                });
        log.atInfo()
                .addKeyValue("endpoint", properties.endpoint())
                .addKeyValue("bucket", properties.bucket())
                .log("Storage is ready");
        running = true;
    }

    /** Why the store does not answer; refuses when it does and says no. */
    private Optional<CompletionException> absence() {
        try {
            // Lists, because the answer to HEAD has no body that would say which of the settings is wrong.
            client.listObjectsV2(ListObjectsV2Args.builder()
                            .bucket(properties.bucket())
                            .maxKeys(1)
                            .build())
                    .join();
            return Optional.empty();
        } catch (CompletionException e) {
            String code = S3ObjectStore.s3Code(e);
            if (code == null && S3ObjectStore.has(e, IOException.class)) {
                return Optional.of(e);
            }
            throw refusal(e, code);
        }
    }

    private InvalidSettingException refusal(Throwable error, @Nullable String code) {
        InvalidSettingException refusal = switch (code) {
            case "NoSuchBucket" ->
                new InvalidSettingException(
                        "S3_BUCKET",
                        "names the bucket \"" + properties.bucket() + "\", which does not exist at "
                                + properties.endpoint());
            case "InvalidBucketName" ->
                new InvalidSettingException("S3_BUCKET", "is not a bucket name: \"" + properties.bucket() + "\"");
            case "InvalidAccessKeyId" ->
                new InvalidSettingException("S3_ACCESS_KEY", "is not known at " + properties.endpoint());
            case "SignatureDoesNotMatch" ->
                new InvalidSettingException(
                        "S3_SECRET_KEY", "does not belong to S3_ACCESS_KEY at " + properties.endpoint());
            case "AccessDenied" ->
                new InvalidSettingException(
                        "S3_ACCESS_KEY",
                        "may not list the bucket \"" + properties.bucket()
                                + "\"; it needs PutObject, GetObject, DeleteObject and ListBucket");
            case "AuthorizationHeaderMalformed", "PermanentRedirect" ->
                new InvalidSettingException("S3_REGION", "is not the region of the bucket: " + properties.region());
            case null ->
                new InvalidSettingException(
                        "S3_ENDPOINT", "is " + properties.endpoint() + ", where no S3 server answers");
            default ->
                new InvalidSettingException("S3_ENDPOINT", "is " + properties.endpoint() + ", which answers " + code);
        };
        refusal.initCause(error);
        return refusal;
    }

    @Override
    public void stop() {
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return 0;
    }
}
