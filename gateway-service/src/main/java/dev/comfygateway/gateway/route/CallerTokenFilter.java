package dev.comfygateway.gateway.route;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokenFilter;
import java.util.List;
import java.util.Locale;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Replaces what the client said about itself by what the gateway knows. */
@Component
final class CallerTokenFilter implements GlobalFilter, Ordered {

    private static final List<String> DROPPED = List.of(
            "X-API-Key", HttpHeaders.COOKIE, HttpHeaders.ORIGIN, "Proxy-Authorization", "Forwarded", "X-Real-IP");

    private final CallerTokens tokens;

    CallerTokenFilter(CallerTokens tokens) {
        this.tokens = tokens;
    }

    @Override
    public int getOrder() {
        return 0;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Caller caller = InternalTokenFilter.caller(exchange);
        return chain.filter(exchange.mutate()
                .request(request -> request.headers(headers -> {
                    DROPPED.forEach(headers::remove);
                    List.copyOf(headers.headerNames()).stream()
                            .filter(name -> name.toLowerCase(Locale.ROOT).startsWith("x-forwarded-"))
                            .forEach(headers::remove);
                    headers.set(HttpHeaders.AUTHORIZATION, tokens.header(caller));
                }))
                .build());
    }
}
