package dev.comfygateway.edge;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;

/**
 * Issues and checks the tokens by which our services know each other: signed (HS256), short-lived, carrying a
 * {@link Caller}. Thread safe; never blocks.
 */
public final class InternalTokens {

    private static final String ISSUER = "comfyui-gateway";
    private static final Duration CLOCK_SKEW = Duration.ofSeconds(30);

    private final Clock clock;
    private final MACSigner signer;
    private final JWSVerifier verifier;

    /**
     * @param secret shared by all services; at least 16 characters
     * @throws IllegalArgumentException when the secret is shorter
     */
    public InternalTokens(String secret, Clock clock) {
        if (secret.length() < 16) {
            throw new IllegalArgumentException("The internal token secret needs at least 16 characters");
        }
        this.clock = clock;
        try {
            // Hashed, so that a secret of any length gives the 256-bit key that HS256 asks for.
            byte[] key = MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8));
            this.signer = new MACSigner(key);
            this.verifier = new MACVerifier(key);
        } catch (NoSuchAlgorithmException | JOSEException e) {
            throw new IllegalStateException("HS256 is not available", e);
        }
    }

    /** A token for the caller that is good for {@code life}. */
    public String issue(Caller caller, Duration life) {
        Instant now = clock.instant();
        JWTClaimsSet claims = new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .subject(caller.subject())
                .claim("tenant", caller.tenant())
                .claim("role", caller.role().toString())
                .claim("job", caller.jobId())
                .claim("attempt", caller.attemptId())
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plus(life)))
                .build();
        SignedJWT token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("Signing failed", e);
        }
        return token.serialize();
    }

    /** The caller, or empty when the token is not ours, was changed, or has expired. */
    public Optional<Caller> verify(String text) {
        try {
            SignedJWT token = SignedJWT.parse(text);
            if (!token.getHeader().getAlgorithm().equals(JWSAlgorithm.HS256) || !token.verify(verifier)) {
                return Optional.empty();
            }
            JWTClaimsSet claims = token.getJWTClaimsSet();
            Date expiry = claims.getExpirationTime();
            if (!ISSUER.equals(claims.getIssuer())
                    || expiry == null
                    || expiry.toInstant().plus(CLOCK_SKEW).isBefore(clock.instant())) {
                return Optional.empty();
            }
            return Optional.of(new Caller(
                    claims.getSubject(),
                    claims.getStringClaim("tenant"),
                    Role.parse(claims.getStringClaim("role")),
                    claims.getStringClaim("job"),
                    claims.getStringClaim("attempt")));
        } catch (ParseException | JOSEException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
