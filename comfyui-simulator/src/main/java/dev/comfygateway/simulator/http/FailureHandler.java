package dev.comfygateway.simulator.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebExceptionHandler;
import reactor.core.publisher.Mono;

/** The texts of failures; whatever has no other answer is a 500, malformed JSON too. */
@Component
@Order(-10)
class FailureHandler implements WebExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(FailureHandler.class);

    @Override
    public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
        ServerHttpResponse response = exchange.getResponse();
        if (response.isCommitted()) {
            return Mono.error(failure);
        }
        FlagHeadersFilter.raised(exchange);
        BodyTooLargeException tooLarge = tooLarge(failure);
        if (tooLarge != null) {
            return text(response, 413, String.valueOf(tooLarge.getMessage()));
        }
        if (failure instanceof RaisedException raised) {
            if (raised.allowed() != null) {
                response.getHeaders().set(HttpHeaders.ALLOW, raised.allowed());
            }
            return text(response, raised.status(), raised.text());
        }
        if (failure instanceof MethodNotAllowedException) {
            response.getHeaders().set(HttpHeaders.ALLOW, "GET,HEAD");
            return text(response, 405, "405: Method Not Allowed");
        }
        log.warn(
                "request failed path={} reason={}",
                exchange.getRequest().getPath(),
                failure.getClass().getName());
        response.getHeaders().set(HttpHeaders.CONNECTION, "close");
        return text(response, 500, "500 Internal Server Error\n\nServer got itself in trouble");
    }

    private static @Nullable BodyTooLargeException tooLarge(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BodyTooLargeException found) {
                return found;
            }
        }
        return null;
    }

    private static Mono<Void> text(ServerHttpResponse response, int status, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        response.setRawStatusCode(status);
        response.getHeaders().setContentType(Answers.TEXT);
        response.getHeaders().setContentLength(bytes.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(bytes)));
    }
}
