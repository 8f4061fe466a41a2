package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.ServerFlagsProperties;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.reactivestreams.Publisher;
import org.springframework.core.annotation.Order;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/** Compresses JSON and plain texts when the flag for it is set and the client takes it. */
@Component
@Order(10)
class CompressionFilter implements WebFilter {

    private final boolean enabled;

    CompressionFilter(ServerFlagsProperties flags) {
        this.enabled = flags.compressResponseBody();
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String accepted = exchange.getRequest().getHeaders().getFirst(HttpHeaders.ACCEPT_ENCODING);
        if (!enabled || accepted == null || !accepted.contains("gzip")) {
            return chain.filter(exchange);
        }
        // Strange but so: who takes both gets the other one, and who takes only the other one gets neither.
        String coding = accepted.contains("deflate") ? "deflate" : "gzip";
        return chain.filter(exchange.mutate()
                .response(new Compressed(exchange.getResponse(), coding))
                .build());
    }

    private static final class Compressed extends ServerHttpResponseDecorator {

        private final String coding;

        Compressed(ServerHttpResponse response, String coding) {
            super(response);
            this.coding = coding;
        }

        @Override
        public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
            MediaType type = getHeaders().getContentType();
            if (type == null
                    || !(type.isCompatibleWith(MediaType.APPLICATION_JSON)
                            || type.isCompatibleWith(MediaType.TEXT_PLAIN))) {
                return super.writeWith(body);
            }
            return super.writeWith(DataBufferUtils.join(body).map(this::compress));
        }

        private DataBuffer compress(DataBuffer plain) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out =
                    coding.equals("gzip") ? new GZIPOutputStream(bytes) : new DeflaterOutputStream(bytes)) {
                plain.asInputStream().transferTo(out);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            } finally {
                DataBufferUtils.release(plain);
            }
            getHeaders().set(HttpHeaders.CONTENT_ENCODING, coding);
            getHeaders().setContentLength(bytes.size());
            return bufferFactory().wrap(bytes.toByteArray());
        }
    }
}
