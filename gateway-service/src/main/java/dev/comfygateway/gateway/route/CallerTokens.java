package dev.comfygateway.gateway.route;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import java.time.Duration;
import org.springframework.stereotype.Component;

/** Makes the token by which a service knows on whose behalf the gateway calls. */
@Component
public final class CallerTokens {

    private static final Duration LIFE = Duration.ofSeconds(60);

    private final InternalTokens tokens;

    CallerTokens(InternalTokens tokens) {
        this.tokens = tokens;
    }

    /** Value of the {@code Authorization} header. */
    public String header(Caller caller) {
        return "Bearer " + tokens.issue(caller, LIFE);
    }
}
