package dev.comfygateway.gateway.auth;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.settings.InvalidSettingException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.PathContainer;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets requests through that carry a known API key, and makes their {@link Caller} known. Everything that is not
 * public by name needs a key.
 */
@Component
@Order(0)
final class AuthenticationFilter implements WebFilter {

    private static final Logger log = LoggerFactory.getLogger(AuthenticationFilter.class);

    private static final String API_KEY = "X-API-Key";
    private static final String BEARER = "Bearer ";
    private static final Set<String> PUBLIC = Set.of("/", "/health", "/docs", "/openapi.yaml", "/actuator/prometheus");
    private static final Caller EVERYONE = Caller.user("anonymous", "default", Role.ADMIN);

    private final ApiKeys keys;
    private final boolean enabled;

    AuthenticationFilter(AuthProperties properties) {
        this.enabled = properties.enabled();
        this.keys = ApiKeys.parse(properties.apiKeys());
        if (enabled && keys.isEmpty()) {
            throw new InvalidSettingException(
                    "API_KEYS",
                    "is empty; give it as key:role[:tenant],... or switch authentication off with AUTH_ENABLED=false");
        }
        if (!enabled) {
            log.warn("Authentication is off: everyone who reaches this port is admin");
        }
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        PathContainer parsed = exchange.getRequest().getPath().pathWithinApplication();
        String path = parsed.value();
        if (climbs(parsed)) {
            return Mono.error(new ProblemException(ErrorCode.MALFORMED_REQUEST, "The path is not in its plain form"));
        }
        if (path.equals("/internal") || path.startsWith("/internal/")) {
            return Mono.error(new ProblemException(ErrorCode.NOT_FOUND, "No such resource"));
        }
        if (isPublic(path)) {
            return chain.filter(exchange);
        }
        Caller caller;
        try {
            caller = authenticate(exchange.getRequest().getHeaders());
        } catch (ProblemException refused) {
            return Mono.error(refused);
        }
        // The key under which common's argument resolver and InternalTokenFilter.caller look.
        exchange.getAttributes().put(Caller.class.getName(), caller);
        return chain.filter(exchange);
    }

    private Caller authenticate(HttpHeaders headers) {
        if (!enabled) {
            return EVERYONE;
        }
        String key = key(headers);
        if (key == null) {
            throw new ProblemException(
                    ErrorCode.AUTH_FAILED,
                    "Authentication required. Provide X-API-Key header or Authorization: Bearer token.");
        }
        return keys.find(key).orElseThrow(() -> new ProblemException(ErrorCode.AUTH_FAILED, "Invalid API key"));
    }

    private static @Nullable String key(HttpHeaders headers) {
        String key = headers.getFirst(API_KEY);
        if (key != null && !key.isEmpty()) {
            return key;
        }
        String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
        return authorization != null
                        && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                        && authorization.length() > BEARER.length()
                ? authorization.substring(BEARER.length()).strip()
                : null;
    }

    private static boolean isPublic(String path) {
        return PUBLIC.contains(path)
                || path.startsWith("/docs/")
                || path.equals("/actuator/health")
                || path.startsWith("/actuator/health/");
    }

    /** Dots, or a slash behind an escape, could mean another path to the service than to us. */
    private static boolean climbs(PathContainer path) {
        return path.elements().stream()
                .filter(PathContainer.PathSegment.class::isInstance)
                .map(segment -> ((PathContainer.PathSegment) segment).valueToMatch())
                .anyMatch(segment ->
                        segment.equals("..") || segment.equals(".") || segment.contains("/") || segment.contains("\\"));
    }
}
