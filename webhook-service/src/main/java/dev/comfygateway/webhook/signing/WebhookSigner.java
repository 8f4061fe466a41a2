package dev.comfygateway.webhook.signing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/** Signs the raw bytes of a body, so that a receiver can check them before reading them. Thread safe. */
@Component
public final class WebhookSigner {

    private static final String ALGORITHM = "HmacSHA256";

    private final SigningProperties properties;

    WebhookSigner(SigningProperties properties) {
        this.properties = properties;
    }

    /** Value of {@code X-Signature}, {@code sha256=<lower-case hex>}; empty when no secret is configured. */
    public Optional<String> sign(byte[] body) {
        if (properties.secret().isEmpty()) {
            return Optional.empty();
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(properties.secret().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return Optional.of("sha256=" + HexFormat.of().formatHex(mac.doFinal(body)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(ALGORITHM + " is not available", e);
        }
    }
}
