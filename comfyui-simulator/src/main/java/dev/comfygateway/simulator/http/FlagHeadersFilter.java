package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.ServerFlagsProperties;
import dev.comfygateway.simulator.SimulatorProperties;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** The headers that depend on flags and on the path. What was raised as an exception gets none of them. */
@Component
@Order(-20)
class FlagHeadersFilter implements WebFilter {

    private static final String RAISED = FlagHeadersFilter.class.getName() + ".raised";
    private static final String NO_ROUTE = FlagHeadersFilter.class.getName() + ".noRoute";

    private static final List<String> PICTURES =
            List.of(".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp");
    private static final String ONLY_OWN_HOST = "default-src 'self'; "
            + "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
            + "img-src 'self' data: blob:; font-src 'self'; connect-src 'self' data:; frame-src 'self'; "
            + "object-src 'self';";

    private final Dialect dialect;
    private final @Nullable String corsOrigin;
    private final boolean onlyOwnHost;

    FlagHeadersFilter(SimulatorProperties properties, ServerFlagsProperties flags) {
        this.dialect = properties.dialect();
        this.corsOrigin = flags.corsOrigin();
        this.onlyOwnHost = flags.disableApiNodes() && !dialect.isOld();
    }

    /** Marks an answer as raised. */
    static void raised(ServerWebExchange exchange) {
        exchange.getAttributes().put(RAISED, true);
    }

    /** Marks an answer as one of no route: a missing page is cached like one that is there. */
    static void noRoute(ServerWebExchange exchange) {
        exchange.getAttributes().put(NO_ROUTE, true);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (exchange.getRequest().getHeaders().getFirst(HttpHeaders.UPGRADE) == null) {
            exchange.getResponse().beforeCommit(() -> Mono.fromRunnable(() -> add(exchange)));
        }
        return chain.filter(exchange);
    }

    private void add(ServerWebExchange exchange) {
        if (exchange.getAttributes().containsKey(RAISED)) {
            return;
        }
        HttpHeaders headers = exchange.getResponse().getHeaders();
        if (corsOrigin != null) {
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, corsOrigin);
            headers.set(
                    HttpHeaders.ACCESS_CONTROL_ALLOW_METHODS,
                    "POST, GET, DELETE, PUT, OPTIONS" + (dialect.isOld() ? "" : ", PATCH"));
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Authorization");
            headers.set(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if (onlyOwnHost) {
            headers.set("Content-Security-Policy", ONLY_OWN_HOST);
        }
        String caching = caching(exchange);
        if (caching != null && headers.getCacheControl() == null) {
            headers.setCacheControl(caching);
        }
    }

    private @Nullable String caching(ServerWebExchange exchange) {
        String path = exchange.getRequest().getPath().value();
        if (path.endsWith(".js") || path.endsWith(".css") || isIndex(path)) {
            return dialect.isOld() ? "no-cache" : "no-store";
        }
        String lower = path.toLowerCase(Locale.ROOT);
        if (PICTURES.stream().noneMatch(lower::endsWith)) {
            return null;
        }
        HttpStatusCode status = exchange.getResponse().getStatusCode();
        int code = status == null ? 200 : status.value();
        if (code == 404 && !exchange.getAttributes().containsKey(NO_ROUTE)) {
            return "public, max-age=3600";
        }
        return code < 300 || code == 404 ? "public, max-age=86400" : null;
    }

    private static boolean isIndex(String path) {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.startsWith("index") && name.endsWith(".json");
    }
}
