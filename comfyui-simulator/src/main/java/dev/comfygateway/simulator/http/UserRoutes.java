package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.users.UserDirectory;
import dev.comfygateway.simulator.users.UserSettings;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Users and their settings. */
@Component
class UserRoutes {

    /** Names the user of a request; nobody checks it. */
    static final String USER_HEADER = "comfy-user";

    private final UserDirectory users;
    private final UserSettings settings;
    private final Bodies bodies;
    private final Dialect dialect;

    UserRoutes(UserDirectory users, UserSettings settings, Bodies bodies, SimulatorProperties properties) {
        this.users = users;
        this.settings = settings;
        this.bodies = bodies;
        this.dialect = properties.dialect();
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/users", request -> Answers.blocking(() -> Answers.json(users.describe())))
                .POST("/users", request -> withBody(request, this::add))
                .GET("/settings", request -> Answers.blocking(() -> Answers.json(settings.all(folder(request)))))
                .GET("/settings/{name}", request -> Answers.blocking(() -> one(request)))
                .POST("/settings", request -> withBody(request, body -> merge(request, body)))
                .POST("/settings/{name}", request -> withBody(request, body -> set(request, body)))
                .build();
    }

    private interface BodyHandler {
        Mono<ServerResponse> handle(JsonNode body) throws IOException;
    }

    private Mono<ServerResponse> withBody(ServerRequest request, BodyHandler handler) {
        return bodies.json(request).flatMap(body -> Answers.blocking(() -> handler.handle(body)));
    }

    private Path folder(ServerRequest request) throws IOException {
        Path folder = users.folder(request.headers().firstHeader(USER_HEADER));
        if (folder == null) {
            throw RaisedException.unauthorized();
        }
        return folder;
    }

    private Mono<ServerResponse> add(JsonNode body) throws IOException {
        String name = body.path("username").asString("").strip();
        if (name.isEmpty() || !body.path("username").isString()) {
            if (dialect.isOld()) {
                throw new IOException("no username");
            }
            return refused("username not provided");
        }
        if (!dialect.isOld() && name.startsWith("__")) {
            return refused("System User prefix not allowed");
        }
        String id = users.add(name);
        return id == null ? refused("Duplicate username.") : Answers.json(StringNode.valueOf(id));
    }

    private static Mono<ServerResponse> refused(String message) {
        return Answers.json(400, Json.object().put("error", message));
    }

    private Mono<ServerResponse> one(ServerRequest request) throws IOException {
        JsonNode value = settings.all(folder(request)).get(request.pathVariable("name"));
        return Answers.json(value == null ? NullNode.getInstance() : value);
    }

    private Mono<ServerResponse> merge(ServerRequest request, JsonNode body) throws IOException {
        Path folder = folder(request);
        if (!(body instanceof ObjectNode changes)) {
            throw new IOException("settings are an object");
        }
        settings.merge(folder, changes);
        return Answers.empty(200);
    }

    private Mono<ServerResponse> set(ServerRequest request, JsonNode body) throws IOException {
        settings.set(folder(request), request.pathVariable("name"), body);
        return Answers.empty(200);
    }
}
