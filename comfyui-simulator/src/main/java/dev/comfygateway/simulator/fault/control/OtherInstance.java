package dev.comfygateway.simulator.fault.control;

import dev.comfygateway.simulator.graph.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Answers every second request as another server behind the same balancer does: it has never heard of the prompts. */
final class OtherInstance {

    private final AtomicInteger requests = new AtomicInteger();

    static boolean concerns(ServerHttpRequest request, String path) {
        return request.getMethod().equals(HttpMethod.GET)
                && (path.equals("/queue")
                        || path.equals("/prompt")
                        || path.equals("/view")
                        || path.startsWith("/history")
                        || path.startsWith("/api/jobs"));
    }

    Mono<Void> answer(ServerWebExchange exchange, String path, WebFilterChain chain) {
        if (requests.incrementAndGet() % 2 == 1) {
            return chain.filter(exchange);
        }
        ServerHttpResponse response = exchange.getResponse();
        if (path.equals("/view")) {
            response.setRawStatusCode(404);
            response.getHeaders().setContentLength(0);
            return response.setComplete();
        }
        ObjectNode body = Json.object();
        if (path.equals("/queue")) {
            body.putArray("queue_running");
            body.putArray("queue_pending");
        } else if (path.equals("/prompt")) {
            body.putObject("exec_info").put("queue_remaining", 0);
        } else if (path.equals("/api/jobs")) {
            body.putArray("jobs");
            body.putObject("pagination")
                    .put("offset", 0)
                    .putNull("limit")
                    .put("total", 0)
                    .put("has_more", false);
        } else if (path.startsWith("/api/jobs/")) {
            response.setRawStatusCode(404);
            body.put("error", "Job not found");
        }
        byte[] bytes = Json.text(body).getBytes(StandardCharsets.US_ASCII);
        response.getHeaders().setContentType(MediaType.parseMediaType("application/json; charset=utf-8"));
        response.getHeaders().setContentLength(bytes.length);
        return response.writeWith(
                Mono.fromSupplier(() -> response.bufferFactory().wrap(bytes)));
    }
}
