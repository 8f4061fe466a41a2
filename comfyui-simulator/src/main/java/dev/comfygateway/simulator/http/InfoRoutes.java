package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.NodeDefinitions;
import dev.comfygateway.simulator.socket.ServerFeatures;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import tools.jackson.databind.node.ObjectNode;

/** What the server is and has. */
@Component
class InfoRoutes {

    private final Dialect dialect;
    private final NodeDefinitions definitions;
    private final ServerFeatures features;

    InfoRoutes(NodeDefinitions definitions, ServerFeatures features, SimulatorProperties properties) {
        this.dialect = properties.dialect();
        this.definitions = definitions;
        this.features = features;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/object_info", request -> Answers.blocking(() -> Answers.json(all())))
                .GET(
                        "/object_info/{name}",
                        request -> Answers.blocking(() -> Answers.json(one(request.pathVariable("name")))))
                .GET("/system_stats", request -> Answers.json(stats()))
                .GET("/features", request -> Answers.json(features.toJson()))
                .build();
    }

    private ObjectNode all() {
        ObjectNode all = Json.object();
        definitions.names().forEach(name -> all.set(name, definitions.describe(name)));
        return all;
    }

    private ObjectNode one(String name) {
        ObjectNode body = Json.object();
        ObjectNode definition = definitions.describe(name);
        if (definition != null) {
            body.set(name, definition);
        }
        return body;
    }

    private ObjectNode stats() {
        long total = Runtime.getRuntime().maxMemory();
        long free = total
                - Runtime.getRuntime().totalMemory()
                + Runtime.getRuntime().freeMemory();
        ObjectNode stats = Json.object();
        ObjectNode system = stats.putObject("system");
        system.put("os", dialect.isOld() ? "posix" : "linux")
                .put("ram_total", total)
                .put("ram_free", free)
                .put("comfyui_version", dialect.version())
                .put("required_frontend_version", dialect.isOld() ? "1.27.10" : "1.49.6")
                .putNull("installed_templates_version")
                .put("required_templates_version", dialect.isOld() ? "0.1.95" : "0.11.44");
        if (!dialect.isOld()) {
            system.putArray("comfy_package_versions");
        }
        system.put("python_version", "3.11.7 (imitated)")
                .put("pytorch_version", "2.13.0+cpu")
                .put("embedded_python", false);
        if (!dialect.isOld()) {
            system.put("deploy_environment", "local-git");
        }
        system.put("simulator", true);
        system.putArray("argv").add("comfyui-simulator");
        stats.putArray("devices")
                .addObject()
                .put("name", "cpu")
                .put("type", "cpu")
                .putNull("index")
                .put("vram_total", total)
                .put("vram_free", free)
                .put("torch_vram_total", total)
                .put("torch_vram_free", free);
        return stats;
    }
}
