package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.ServerFlagsProperties;
import dev.comfygateway.simulator.SimulatorProperties;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What the real server does to every request: the origin guard, OPTIONS, HEAD, and the limit of bodies. */
@Component
@Order(0)
class CompatibilityFilter implements WebFilter {

    private static final String HEAD = CompatibilityFilter.class.getName() + ".head";

    private final Dialect dialect;
    private final boolean guarded;
    private final long limit;

    CompatibilityFilter(SimulatorProperties properties, ServerFlagsProperties flags) {
        this.dialect = properties.dialect();
        this.guarded = flags.corsOrigin() == null;
        this.limit = properties.maxUploadSize().toBytes();
    }

    /** Whether the client wants no body. */
    static boolean isHead(ServerWebExchange exchange) {
        return exchange.getAttributes().containsKey(HEAD);
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        exchange.getResponse().beforeCommit(() -> {
            spaceContentType(exchange.getResponse().getHeaders());
            return Mono.empty();
        });
        HttpHeaders headers = request.getHeaders();
        if (guarded && OriginGuard.isForeign(headers, dialect)) {
            return finish(exchange, HttpStatus.FORBIDDEN);
        }
        if (request.getMethod().equals(HttpMethod.OPTIONS)) {
            return finish(exchange, HttpStatus.OK);
        }
        if (isSocketWithoutUpgrade(request)) {
            String upgrade = headers.getFirst(HttpHeaders.UPGRADE);
            return Mono.error(new RaisedException(
                    400,
                    "No WebSocket UPGRADE hdr: " + (upgrade == null ? "None" : upgrade)
                            + "\n Can \"Upgrade\" only to \"WebSocket\"."));
        }
        if (headers.getContentLength() > limit) {
            return Mono.error(new BodyTooLargeException(limit));
        }
        if (request.getMethod().equals(HttpMethod.HEAD)) {
            exchange.getAttributes().put(HEAD, true);
        }
        return chain.filter(
                exchange.mutate().request(new Limited(request, limit)).build());
    }

    private static boolean isSocketWithoutUpgrade(ServerHttpRequest request) {
        String path = request.getPath().value();
        return (path.equals("/ws") || path.equals("/api/ws"))
                && request.getMethod().equals(HttpMethod.GET)
                && !"websocket".equalsIgnoreCase(request.getHeaders().getFirst(HttpHeaders.UPGRADE));
    }

    /** The real server writes a space before parameters, and clients have been seen to compare the text. */
    private static void spaceContentType(HttpHeaders headers) {
        String type = headers.getFirst(HttpHeaders.CONTENT_TYPE);
        if (type != null && type.contains(";charset")) {
            headers.set(HttpHeaders.CONTENT_TYPE, type.replace(";charset", "; charset"));
        }
    }

    private static Mono<Void> finish(ServerWebExchange exchange, HttpStatus status) {
        exchange.getResponse().setStatusCode(status);
        exchange.getResponse().getHeaders().setContentLength(0);
        return exchange.getResponse().setComplete();
    }

    /** Counts the body, and shows HEAD as GET: the server leaves the answer's body away by itself. */
    private static final class Limited extends ServerHttpRequestDecorator {

        private final long limit;

        Limited(ServerHttpRequest request, long limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public HttpMethod getMethod() {
            return super.getMethod().equals(HttpMethod.HEAD) ? HttpMethod.GET : super.getMethod();
        }

        @Override
        public Flux<DataBuffer> getBody() {
            AtomicLong seen = new AtomicLong();
            return super.getBody().handle((buffer, sink) -> {
                if (seen.addAndGet(buffer.readableByteCount()) > limit) {
                    DataBufferUtils.release(buffer);
                    sink.error(new BodyTooLargeException(limit));
                } else {
                    sink.next(buffer);
                }
            });
        }
    }
}
