package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.settings.InvalidSettingException;
import java.net.URI;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The S3-compatible store.
 *
 * @param endpoint its address as this service sees it
 * @param publicEndpoint its address as clients see it; links for them are signed for this one
 * @param bucket must exist
 * @param accessKey who we are
 * @param secretKey and the proof
 * @param region signed into every request
 * @param startupWait how long to wait at start for a store that does not answer yet
 */
@ConfigurationProperties("comfy.storage.s3")
record S3Properties(
        String endpoint,
        String publicEndpoint,
        String bucket,
        String accessKey,
        String secretKey,
        @DefaultValue("us-east-1") String region,
        @DefaultValue("20s") Duration startupWait) {

    S3Properties {
        endpoint(endpoint, "S3_ENDPOINT");
        endpoint(publicEndpoint, "S3_PUBLIC_ENDPOINT");
        present(bucket, "S3_BUCKET", "needs the name of the bucket");
        present(accessKey, "S3_ACCESS_KEY", "is required");
        present(secretKey, "S3_SECRET_KEY", "is required");
        present(region, "S3_REGION", "needs a region, for example us-east-1");
    }

    private static void present(String value, String variable, String detail) {
        if (value.isBlank()) {
            throw new InvalidSettingException(variable, detail);
        }
    }

    private static void endpoint(String value, String variable) {
        try {
            URI uri = URI.create(value);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return;
            }
        } catch (IllegalArgumentException e) {
            throw new InvalidSettingException(variable, "is not a URL: http://host:9000 or https://host");
        }
        throw new InvalidSettingException(variable, "must look like http://host:9000 or https://host");
    }

    @Override
    public String toString() {
        return "S3Properties[endpoint=" + endpoint + ", bucket=" + bucket + "]";
    }
}
