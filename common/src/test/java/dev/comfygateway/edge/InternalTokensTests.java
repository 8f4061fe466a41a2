package dev.comfygateway.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class InternalTokensTests {

    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Caller CALLER = Caller.user("key-1", "acme", Role.USER);

    private final InternalTokens tokens = at(NOW);

    @Test
    void bringsTheCallerBack() {
        assertThat(tokens.verify(tokens.issue(CALLER, MINUTE))).contains(CALLER);
        Caller ticket = Caller.ticket("acme", "j_1", "at_1");
        assertThat(tokens.verify(tokens.issue(ticket, MINUTE))).contains(ticket);
    }

    @Test
    void refusesAnExpiredToken() {
        String token = tokens.issue(CALLER, MINUTE);

        assertThat(at(NOW.plusSeconds(89)).verify(token)).isPresent();
        assertThat(at(NOW.plusSeconds(91)).verify(token)).isEmpty();
    }

    @Test
    void refusesAChangedToken() {
        String[] parts = tokens.issue(CALLER, MINUTE).split("\\.", -1);
        String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
        String other = encode(claims.replace("user", "admin"));

        assertThat(other).isNotEqualTo(parts[1]);
        assertThat(tokens.verify(parts[0] + "." + other + "." + parts[2])).isEmpty();
    }

    @Test
    void refusesATokenWithoutASignature() {
        String claims = tokens.issue(CALLER, MINUTE).split("\\.", -1)[1];

        assertThat(tokens.verify(encode("{\"alg\":\"none\"}") + "." + claims + "."))
                .isEmpty();
        assertThat(tokens.verify(encode("{\"alg\":\"HS256\"}") + "." + claims + "."))
                .isEmpty();
    }

    @Test
    void refusesATokenOfAnotherSecret() {
        InternalTokens others = new InternalTokens("another secret of the same form", Clock.fixed(NOW, ZoneOffset.UTC));

        assertThat(tokens.verify(others.issue(CALLER, MINUTE))).isEmpty();
    }

    @Test
    void refusesWhatIsNoToken() {
        assertThat(tokens.verify("")).isEmpty();
        assertThat(tokens.verify("a.b.c")).isEmpty();
    }

    @Test
    void refusesAShortSecret() {
        assertThatThrownBy(() -> new InternalTokens("short", Clock.systemUTC()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void letsCallersSeeTheirTenantOnly() {
        assertThat(CALLER.maySee("acme")).isTrue();
        assertThat(CALLER.maySee("other")).isFalse();
        assertThat(Caller.user("key-2", "acme", Role.ADMIN).maySee("other")).isTrue();
        assertThat(Caller.service("webhook-service").maySee("acme")).isTrue();
        assertThat(Caller.worker("gpu-0").maySee("acme")).isFalse();
    }

    private static InternalTokens at(Instant now) {
        return new InternalTokens("a secret of sufficient length", Clock.fixed(now, ZoneOffset.UTC));
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
