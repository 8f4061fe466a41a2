package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.logs.LogCapture;
import dev.comfygateway.simulator.logs.ServerLog;
import dev.comfygateway.simulator.models.ModelFolders;
import java.io.IOException;
import java.nio.file.Path;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** What the web UI asks a server of its own. */
@Component
class InternalRoutes {

    private final ServerLog log;
    private final LogCapture capture;
    private final ModelFolders models;
    private final Folders folders;
    private final Bodies bodies;
    private final Dialect dialect;

    InternalRoutes(
            ServerLog log,
            LogCapture capture,
            ModelFolders models,
            Folders folders,
            Bodies bodies,
            SimulatorProperties properties) {
        this.log = log;
        this.capture = capture;
        this.models = models;
        this.folders = folders;
        this.bodies = bodies;
        this.dialect = properties.dialect();
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/internal/logs", request -> Answers.json(StringNode.valueOf(log.text())))
                .GET("/internal/logs/raw", request -> Answers.json(log.described()))
                .PATCH(
                        "/internal/logs/subscribe",
                        request -> bodies.json(request).flatMap(this::subscribe))
                .GET("/internal/folder_paths", request -> Answers.json(folderPaths()))
                .GET("/internal/files/{type}", request -> Answers.blocking(() -> files(request.pathVariable("type"))))
                .build();
    }

    private Mono<ServerResponse> subscribe(JsonNode body) {
        if (!body.path("clientId").isString() || !body.has("enabled")) {
            return Mono.error(new IllegalArgumentException("a subscription has a client and a switch"));
        }
        capture.attach();
        log.subscribe(body.get("clientId").stringValue(), body.get("enabled").asBoolean(false));
        return Answers.empty(200);
    }

    private ObjectNode folderPaths() {
        ObjectNode paths = Json.object();
        for (ModelFolders.Kind kind : models.kinds()) {
            paths.set(kind.name(), paths(kind));
        }
        return paths;
    }

    static ArrayNode paths(ModelFolders.Kind kind) {
        return Json.strings(kind.folders().stream().map(Path::toString).toList());
    }

    private Mono<ServerResponse> files(String type) throws IOException {
        if (folders.root(type) == null) {
            return Answers.json(400, Json.object().put("error", "Invalid directory type"));
        }
        String suffix = dialect.isOld() ? "" : " [" + type + "]";
        return Answers.json(Json.strings(folders.newestFirst(type).stream()
                .map(file -> file.getFileName() + suffix)
                .toList()));
    }
}
