package dev.comfygateway.storage.asset.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PresignedUrlsTests {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2013-05-24T00:00:00Z"), ZoneOffset.UTC);

    /** The example in Amazon's description of Signature Version 4. */
    @Test
    void signsAsAmazonsExampleDoes() {
        String url = urls("examplebucket")
                .sign("GET", "https://s3.amazonaws.com", "test.txt", Map.of(), Map.of(), Duration.ofDays(1));

        assertThat(url)
                .isEqualTo("https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                        + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                        + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                        + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    }

    @Test
    void putsTheBucketIntoThePathElsewhereAndKeepsTheEndpointsPath() {
        assertThat(urls("b").sign("GET", "http://minio:9000", "a/b c", Map.of(), Map.of(), Duration.ofDays(1)))
                .startsWith("http://minio:9000/b/a/b%20c?");
        assertThat(urls("b").sign("GET", "https://host:443/s3/", "a", Map.of(), Map.of(), Duration.ofDays(1)))
                .startsWith("https://host/s3/b/a?");
    }

    private static PresignedUrls urls(String bucket) {
        return new PresignedUrls(
                new S3Properties(
                        "https://s3.amazonaws.com",
                        "https://s3.amazonaws.com",
                        bucket,
                        "AKIAIOSFODNN7EXAMPLE",
                        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                        "us-east-1",
                        Duration.ZERO),
                CLOCK);
    }
}
