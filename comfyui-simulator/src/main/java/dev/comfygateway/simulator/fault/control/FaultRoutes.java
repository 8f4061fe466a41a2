package dev.comfygateway.simulator.fault.control;

import dev.comfygateway.simulator.fault.Fault;
import dev.comfygateway.simulator.fault.FaultKind;
import dev.comfygateway.simulator.fault.FaultScript;
import dev.comfygateway.simulator.fault.ServerControl;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.queue.PromptNumbers;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Asks for faults, lists and clears them. ComfyUI has nothing like it. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
final class FaultRoutes {

    private final FaultScript script;
    private final ServerControl server;
    private final PromptNumbers numbers;
    private final Readiness readiness;

    FaultRoutes(FaultScript script, ServerControl server, PromptNumbers numbers, Readiness readiness) {
        this.script = script;
        this.server = server;
        this.numbers = numbers;
        this.readiness = readiness;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/simulator/faults", request -> answer(200, list()))
                .POST("/simulator/faults", this::add)
                .DELETE("/simulator/faults", request -> blocking(this::clear))
                .DELETE("/simulator/faults/{id}", request -> blocking(() -> clear(request.pathVariable("id"))))
                .build();
    }

    private interface Action {
        Mono<ServerResponse> run();
    }

    /** Faults may wait for threads that end. */
    private static Mono<ServerResponse> blocking(Action action) {
        return Mono.defer(action::run).subscribeOn(Schedulers.boundedElastic());
    }

    private Mono<ServerResponse> add(ServerRequest request) {
        return request.bodyToMono(byte[].class)
                .defaultIfEmpty(new byte[0])
                .flatMap(body -> blocking(() -> {
                    try {
                        JsonNode asked = Json.parse(body);
                        Fault fault = script.add(asked);
                        act(fault);
                        return answer(201, fault.toJson());
                    } catch (IllegalArgumentException | JacksonException e) {
                        return answer(400, Json.object().put("error", e.getMessage()));
                    }
                }));
    }

    /** Does what is due at once. */
    private void act(Fault fault) {
        boolean now = fault.text("at", "now").equals("now");
        switch (fault.kind()) {
            case CRASH -> {
                if (now && fault.claim(null)) {
                    server.crash(fault);
                }
            }
            case DROP_SOCKETS -> {
                if (now && fault.claim(null)) {
                    server.dropSockets();
                }
            }
            case NOT_READY -> readiness.notFor(fault.time("for_ms", 1000));
            case NUMBER_RESET -> numbers.reset(fault.number("number", 0));
            default -> {}
        }
    }

    private Mono<ServerResponse> clear() {
        script.clear();
        readiness.notFor(java.time.Duration.ZERO);
        return answer(200, list());
    }

    private Mono<ServerResponse> clear(String id) {
        boolean wasThere = script.clear(id);
        if (script.active(FaultKind.NOT_READY) == null) {
            readiness.notFor(java.time.Duration.ZERO);
        }
        return answer(wasThere ? 200 : 404, list());
    }

    private ObjectNode list() {
        ObjectNode body = Json.object();
        body.set("faults", script.list());
        return body;
    }

    /** The connection ends with the answer: it was spared by a crash, and must not be used for anything else. */
    private static Mono<ServerResponse> answer(int status, JsonNode body) {
        return ServerResponse.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .header(HttpHeaders.CONNECTION, "close")
                .bodyValue(Json.bytes(body));
    }
}
