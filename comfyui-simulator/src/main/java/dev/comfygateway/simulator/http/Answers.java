package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.graph.Json;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;

/** The few forms an answer has. */
final class Answers {

    static final MediaType JSON = MediaType.parseMediaType("application/json; charset=utf-8");

    static final MediaType TEXT = MediaType.parseMediaType("text/plain; charset=utf-8");

    private Answers() {}

    static Mono<ServerResponse> json(JsonNode body) {
        return json(200, body);
    }

    static Mono<ServerResponse> json(int status, JsonNode body) {
        return ServerResponse.status(status).contentType(JSON).bodyValue(Json.bytes(body));
    }

    static Mono<ServerResponse> text(int status, String text) {
        return ServerResponse.status(status).contentType(TEXT).bodyValue(text.getBytes(StandardCharsets.UTF_8));
    }

    /** No body and no content type, as all actions answer. */
    static Mono<ServerResponse> empty(int status) {
        return ServerResponse.status(status).contentLength(0).build();
    }

    /** Runs something that may touch the disk, off the event loop. */
    static Mono<ServerResponse> blocking(Callable<Mono<ServerResponse>> work) {
        return Mono.fromCallable(work).subscribeOn(Schedulers.boundedElastic()).flatMap(answer -> answer);
    }
}
