package dev.comfygateway.simulator.fault.control;

import dev.comfygateway.simulator.fault.Fault;
import dev.comfygateway.simulator.fault.FaultKind;
import dev.comfygateway.simulator.fault.FaultScript;
import io.netty.channel.Channel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.MediaType;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.http.server.reactive.ServerHttpResponseDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** Spoils answers as the script wants it, before anything else sees the request. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
@ConditionalOnProperty("comfy.simulator.faults")
final class FaultFilter implements WebFilter {

    private final FaultScript script;
    private final ConnectionGate gate;
    private final Readiness readiness;
    private final OtherInstance otherInstance = new OtherInstance();

    FaultFilter(FaultScript script, ConnectionGate gate, Readiness readiness) {
        this.script = script;
        this.gate = gate;
        this.readiness = readiness;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        String path = exchange.getRequest().getPath().value();
        if (path.startsWith("/simulator/")) {
            withChannel(exchange.getResponse(), channel -> gate.mark(channel, ConnectionGate.Role.CONTROL));
            return chain.filter(exchange);
        }
        if (gate.isShut()) {
            return reset(exchange);
        }
        if (path.equals("/ws") || path.equals("/api/ws")) {
            withChannel(exchange.getResponse(), channel -> gate.mark(channel, ConnectionGate.Role.EVENTS));
        }
        if (!readiness.isReady()) {
            return status(exchange, 503);
        }
        Fault fault = claim(exchange.getRequest(), withoutApi(path));
        if (fault == null) {
            return chain.filter(exchange);
        }
        return switch (fault.kind()) {
            case HTTP_STATUS -> status(exchange, (int) fault.number("status", 500));
            case SLOW_HTTP -> Mono.delay(fault.time("delay_ms", 1000)).then(Mono.defer(() -> chain.filter(exchange)));
            case CONNECTION_RESET -> reset(exchange);
            case TRUNCATED_TRANSFER ->
                chain.filter(exchange.mutate()
                        .response(new TruncatedResponse(exchange.getResponse(), fault))
                        .build());
            case OTHER_INSTANCE -> otherInstance.answer(exchange, withoutApi(path), chain);
            default -> chain.filter(exchange);
        };
    }

    private static String withoutApi(String path) {
        return path.startsWith("/api/") && !path.startsWith("/api/jobs") ? path.substring("/api".length()) : path;
    }

    private @Nullable Fault claim(ServerHttpRequest request, String path) {
        for (Fault fault : script.active(FaultKind.Place.HTTP)) {
            boolean method = !fault.has("method")
                    || fault.text("method", "").equals(request.getMethod().name());
            boolean known = fault.kind() != FaultKind.OTHER_INSTANCE || OtherInstance.concerns(request, path);
            if (method
                    && known
                    && PathPatternParser.defaultInstance
                            .parse(fault.text("path", "/**"))
                            .matches(PathContainer.parsePath(path))
                    && fault.claim(null)) {
                return fault;
            }
        }
        return null;
    }

    /** The texts that ComfyUI, or a proxy in front of it, would answer. */
    static Mono<Void> status(ServerWebExchange exchange, int status) {
        String text = switch (status) {
            case 403 -> "";
            case 413 -> "Maximum request body size 104857600 exceeded.";
            case 500 -> "500 Internal Server Error\n\nServer got itself in trouble";
            case 503 -> "503 Service Unavailable";
            default -> status + ": scripted fault";
        };
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ServerHttpResponse response = exchange.getResponse();
        response.setRawStatusCode(status);
        response.getHeaders().setContentType(MediaType.parseMediaType("text/plain; charset=utf-8"));
        response.getHeaders().setContentLength(bytes.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(bytes)));
    }

    private static Mono<Void> reset(ServerWebExchange exchange) {
        return Mono.<Void>never()
                .doOnSubscribe(subscription -> withChannel(exchange.getResponse(), ConnectionGate::reset));
    }

    static void withChannel(ServerHttpResponse response, Consumer<Channel> action) {
        HttpServerResponse server = ServerHttpResponseDecorator.getNativeResponse(response);
        server.withConnection(connection -> action.accept(connection.channel()));
    }
}
