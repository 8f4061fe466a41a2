package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.SimulatorProperties;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
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
class CompatibilityFilter implements WebFilter {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

    private final long limit;

    CompatibilityFilter(SimulatorProperties properties) {
        this.limit = properties.maxUploadSize().toBytes();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        ServerHttpRequest request = exchange.getRequest();
        exchange.getResponse().beforeCommit(() -> {
            spaceContentType(exchange.getResponse().getHeaders());
            return Mono.empty();
        });
        if (isForeign(request.getHeaders())) {
            return finish(exchange, HttpStatus.FORBIDDEN);
        }
        if (request.getMethod().equals(HttpMethod.OPTIONS)) {
            return finish(exchange, HttpStatus.OK);
        }
        if (request.getHeaders().getContentLength() > limit) {
            return Mono.error(new BodyTooLargeException(limit));
        }
        return chain.filter(
                exchange.mutate().request(new Limited(request, limit)).build());
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

    /** A page of another site may not drive a server that listens on loopback. */
    private static boolean isForeign(HttpHeaders headers) {
        if ("cross-site".equals(headers.getFirst("Sec-Fetch-Site"))) {
            return true;
        }
        String host = headers.getFirst(HttpHeaders.HOST);
        String origin = headers.getFirst(HttpHeaders.ORIGIN);
        if (host == null || origin == null) {
            return false;
        }
        URI target = uri("http://" + host);
        URI source = uri(origin);
        if (target == null || target.getHost() == null || !LOOPBACK.contains(target.getHost())) {
            return false;
        }
        if (source == null || source.getHost() == null || !source.getHost().equals(target.getHost())) {
            return true;
        }
        return source.getPort() != -1 && target.getPort() != -1 && source.getPort() != target.getPort();
    }

    private static @Nullable URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
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
