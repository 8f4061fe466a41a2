package dev.comfygateway.storage.asset.s3;

import dev.comfygateway.storage.asset.Hashing;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs URLs as in AWS Signature Version 4, query form.
 *
 * <p>Ours, because minio-java signs no header but {@code Host} into a URL, and a PUT of ours is to be good for one
 * content only. Thread safe; never blocks; asks nobody.
 */
final class PresignedUrls {

    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String UNRESERVED = "-._~";
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    private final S3Properties properties;
    private final Clock clock;

    PresignedUrls(S3Properties properties, Clock clock) {
        this.properties = properties;
        this.clock = clock;
    }

    /**
     * A URL.
     *
     * @param headers the request must send these, exactly; {@code Host} is added
     * @param query added to the URL and signed
     */
    String sign(
            String method,
            String endpoint,
            String key,
            Map<String, String> headers,
            Map<String, String> query,
            Duration ttl) {
        Instant now = clock.instant();
        String timestamp = TIMESTAMP.format(now);
        String date = timestamp.substring(0, 8);
        String scope = date + "/" + properties.region() + "/s3/aws4_request";
        Target target = target(URI.create(endpoint), key);

        SortedMap<String, String> signed = new TreeMap<>();
        headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
        signed.put("host", target.host());
        String names = String.join(";", signed.keySet());

        SortedMap<String, String> parameters = new TreeMap<>(query);
        parameters.put("X-Amz-Algorithm", ALGORITHM);
        parameters.put("X-Amz-Credential", properties.accessKey() + "/" + scope);
        parameters.put("X-Amz-Date", timestamp);
        parameters.put("X-Amz-Expires", Long.toString(ttl.toSeconds()));
        parameters.put("X-Amz-SignedHeaders", names);
        String canonicalQuery = parameters.entrySet().stream()
                .map(entry -> encode(entry.getKey(), "") + "=" + encode(entry.getValue(), ""))
                .sorted()
                .collect(Collectors.joining("&"));

        String canonicalHeaders = signed.entrySet().stream()
                .map(entry -> entry.getKey() + ":" + entry.getValue() + "\n")
                .collect(Collectors.joining());
        String request =
                String.join("\n", method, target.path(), canonicalQuery, canonicalHeaders, names, "UNSIGNED-PAYLOAD");
        String toSign = String.join(
                "\n",
                ALGORITHM,
                timestamp,
                scope,
                hex(Hashing.sha256().digest(request.getBytes(StandardCharsets.UTF_8))));
        byte[] signingKey = hmac(
                hmac(
                        hmac(
                                hmac(("AWS4" + properties.secretKey()).getBytes(StandardCharsets.UTF_8), date),
                                properties.region()),
                        "s3"),
                "aws4_request");
        return target.scheme() + "://" + target.host() + target.path() + "?" + canonicalQuery + "&X-Amz-Signature="
                + hex(hmac(signingKey, toSign));
    }

    private record Target(String scheme, String host, String path) {}

    /** Bucket in the path, which every S3-compatible server takes; in the host name at AWS, which prefers it. */
    private Target target(URI endpoint, String key) {
        String host = endpoint.getHost();
        boolean virtualHost =
                host.endsWith(".amazonaws.com") && properties.bucket().indexOf('.') < 0;
        String base = endpoint.getRawPath() == null ? "" : endpoint.getRawPath().replaceAll("/+$", "");
        String path = base + (virtualHost ? "" : "/" + encode(properties.bucket(), "")) + "/" + encode(key, "/");
        int port = endpoint.getPort();
        boolean usual = port < 0 || port == ("https".equals(endpoint.getScheme()) ? 443 : 80);
        return new Target(
                endpoint.getScheme(),
                (virtualHost ? properties.bucket() + "." : "") + host + (usual ? "" : ":" + port),
                path);
    }

    private static String encode(String text, String alsoPlain) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean plain = (c >= 'A' && c <= 'Z')
                    || (c >= 'a' && c <= 'z')
                    || (c >= '0' && c <= '9')
                    || UNRESERVED.indexOf(c) >= 0
                    || alsoPlain.indexOf(c) >= 0;
            out.append(plain ? String.valueOf(c) : String.format("%%%02X", (int) c));
        }
        return out.toString();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HmacSHA256 is not available", e);
        }
    }
}
