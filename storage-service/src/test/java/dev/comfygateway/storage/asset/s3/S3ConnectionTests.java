package dev.comfygateway.storage.asset.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.settings.InvalidSettingException;
import dev.comfygateway.storage.S3Process;
import dev.comfygateway.storage.asset.BlockingWork;
import dev.comfygateway.testing.Proves;
import io.minio.MinioAsyncClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said about a store that cannot work. */
class S3ConnectionTests {

    private static final S3Process s3 = S3Process.start();

    @TempDir
    private Path folder;

    @BeforeAll
    static void ready() {
        assertThatNoException()
                .isThrownBy(() -> check(
                        settings(s3.endpoint(), S3Process.BUCKET, S3Process.ACCESS_KEY, S3Process.SECRET_KEY, 1)));
    }

    @AfterAll
    static void stop() {
        s3.close();
    }

    @Test
    @Proves("S0-67")
    void namesTheVariableOfAMissingBucket() {
        refused(
                settings(s3.endpoint(), "no-such-bucket", S3Process.ACCESS_KEY, S3Process.SECRET_KEY, 1),
                "S3_BUCKET names the bucket \"no-such-bucket\", which does not exist at " + s3.endpoint());
    }

    @Test
    void createsTheBucketOnceAndSaysWhyItCannot() throws Exception {
        S3Properties fresh =
                settings(s3.endpoint(), "made-by-the-set-up", S3Process.ACCESS_KEY, S3Process.SECRET_KEY, 1);
        CreateBucket.create(fresh, Duration.ZERO);
        CreateBucket.create(fresh, Duration.ZERO);
        assertThatNoException().isThrownBy(() -> check(fresh));

        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> CreateBucket.create(
                        settings(s3.endpoint(), "another", S3Process.ACCESS_KEY, "not-the-secret", 1), Duration.ZERO))
                .withMessage("S3_BUCKET cannot be created at " + s3.endpoint() + ": SignatureDoesNotMatch");
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() ->
                        CreateBucket.create(settings("http://127.0.0.1:1", "another", "x", "y", 1), Duration.ZERO))
                .withMessage("S3_ENDPOINT is http://127.0.0.1:1, where no S3 server answers");
    }

    @Test
    void namesTheVariableOfAWrongKey() {
        refused(
                settings(s3.endpoint(), S3Process.BUCKET, "nobody", S3Process.SECRET_KEY, 1),
                "S3_ACCESS_KEY is not known at " + s3.endpoint());
        refused(
                settings(s3.endpoint(), S3Process.BUCKET, S3Process.ACCESS_KEY, "not-the-secret", 1),
                "S3_SECRET_KEY does not belong to S3_ACCESS_KEY at " + s3.endpoint());
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> settings(s3.endpoint(), S3Process.BUCKET, "", "x", 1))
                .withMessage("S3_ACCESS_KEY is required");
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> settings("minio:9000", S3Process.BUCKET, "x", "x", 1))
                .withMessageStartingWith("S3_ENDPOINT must look like");
    }

    @Test
    @Proves("S0-67")
    void namesTheVariableOfADeadEndpoint() throws IOException {
        String dead = "http://127.0.0.1:" + freePort();
        refused(
                settings(dead, S3Process.BUCKET, S3Process.ACCESS_KEY, S3Process.SECRET_KEY, 1),
                "S3_ENDPOINT is " + dead + ", where no S3 server answers");
    }

    @Test
    void waitsForAStoreThatIsStillStarting() throws Exception {
        int port = freePort();
        CompletableFuture<Void> checked = CompletableFuture.runAsync(() -> check(settings(
                "http://127.0.0.1:" + port, S3Process.BUCKET, S3Process.ACCESS_KEY, S3Process.SECRET_KEY, 60)));
        try (S3Process late = S3Process.start(folder, port)) {
            assertThat(late.endpoint()).endsWith(":" + port);
            checked.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    @Proves("S0-64")
    void saysThatTheStoreRefusedTheBytes() throws Exception {
        putFails("nobody", S3Process.SECRET_KEY, s3.endpoint(), ErrorCode.STORAGE_S3_PUT_ERROR, "InvalidAccessKeyId");
        putFails(
                S3Process.ACCESS_KEY,
                "not-the-secret",
                s3.endpoint(),
                ErrorCode.STORAGE_S3_PUT_ERROR,
                "SignatureDoesNotMatch");
        putFails(
                S3Process.ACCESS_KEY,
                S3Process.SECRET_KEY,
                "http://127.0.0.1:" + freePort(),
                ErrorCode.STORAGE_UNAVAILABLE,
                "does not answer");
    }

    @Test
    void endsWithItsParent() throws Exception {
        try (S3Process child = S3Process.start()) {
            child.closeStandardInput();
            await().atMost(Duration.ofSeconds(20)).until(() -> !child.isAlive());
        }
    }

    private void putFails(String accessKey, String secretKey, String endpoint, ErrorCode code, String detail)
            throws IOException {
        S3Properties settings = settings(endpoint, S3Process.BUCKET, accessKey, secretKey, 1);
        Path file = Files.writeString(folder.resolve("a.txt"), "hello");
        MinioAsyncClient client = S3Configuration.client(settings);
        S3ObjectStore store =
                new S3ObjectStore(client, new PresignedUrls(settings, Clock.systemUTC()), settings, new BlockingWork());
        assertThatExceptionOfType(ProblemException.class)
                .isThrownBy(() -> store.put("assets/a.txt", file, "text/plain").block(Duration.ofSeconds(30)))
                .satisfies(problem -> assertThat(problem.code()).isEqualTo(code))
                .withMessageContaining(detail);
    }

    private static void refused(S3Properties settings, String message) {
        assertThatExceptionOfType(InvalidSettingException.class)
                .isThrownBy(() -> check(settings))
                .withMessage(message);
    }

    private static void check(S3Properties settings) {
        new S3StartupCheck(S3Configuration.client(settings), settings).start();
    }

    private static S3Properties settings(
            String endpoint, String bucket, String accessKey, String secretKey, int waitSeconds) {
        return new S3Properties(
                endpoint, endpoint, bucket, accessKey, secretKey, "us-east-1", Duration.ofSeconds(waitSeconds));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
