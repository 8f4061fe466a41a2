package dev.comfygateway.edge;

import dev.comfygateway.contract.problem.ErrorCode;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets a request to one of our services through only with a valid internal token, and makes its {@link Caller} known.
 * Health and metrics are open: the network in front of them is not.
 */
@Order(0)
public final class InternalTokenFilter implements WebFilter {

    private static final String CALLER = Caller.class.getName();

    private final InternalTokens tokens;

    public InternalTokenFilter(InternalTokens tokens) {
        this.tokens = tokens;
    }

    /** The caller of this request; throws a {@link ProblemException} (401) when the filter did not see one. */
    public static Caller caller(ServerWebExchange exchange) {
        Caller caller = exchange.getAttribute(CALLER);
        if (caller == null) {
            throw new ProblemException(ErrorCode.AUTH_FAILED, "An internal token is required");
        }
        return caller;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().value();
        if (path.equals("/health") || path.startsWith("/actuator/") || path.equals("/metrics")) {
            return chain.filter(exchange);
        }
        String header = exchange.getRequest().getHeaders().getFirst(HttpHeaders.AUTHORIZATION);
        Optional<Caller> caller = header != null && header.startsWith("Bearer ")
                ? tokens.verify(header.substring("Bearer ".length()))
                : Optional.empty();
        if (caller.isEmpty()) {
            return Mono.error(new ProblemException(ErrorCode.AUTH_FAILED, "An internal token is required"));
        }
        exchange.getAttributes().put(CALLER, caller.get());
        return chain.filter(exchange);
    }
}
