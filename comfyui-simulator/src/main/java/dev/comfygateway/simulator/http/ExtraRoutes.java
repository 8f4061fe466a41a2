package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

/** What custom nodes and the web UI add, and the page at the root. */
@Component
class ExtraRoutes {

    private final Dialect dialect;
    private final byte[] page = resource("/static-page.html");
    private final ObjectNode replacements = (ObjectNode) Json.parse(resource("/node-replacements.json"));
    private final ObjectNode subgraphs = (ObjectNode) Json.parse(resource("/global-subgraphs.json"));

    ExtraRoutes(SimulatorProperties properties) {
        this.dialect = properties.dialect();
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(ExtraRoutes.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Those that have a twin under {@code /api}. */
    RouterFunction<ServerResponse> routes() {
        RouterFunctions.Builder routes = RouterFunctions.route()
                .GET("/extensions", request -> Answers.json(Json.array()))
                .GET("/i18n", request -> Answers.json(Json.object()))
                .GET("/workflow_templates", request -> Answers.json(Json.object()));
        if (!dialect.isOld()) {
            routes.GET("/node_replacements", request -> Answers.json(replacements))
                    .GET("/global_subgraphs", request -> Answers.json(subgraphList()))
                    .GET("/global_subgraphs/{id}", request -> Answers.json(subgraph(request.pathVariable("id"))));
        }
        return routes.build();
    }

    /** Those that have none. */
    RouterFunction<ServerResponse> pages() {
        return RouterFunctions.route()
                .GET("/", request -> page())
                .GET(
                        "/index.html",
                        request -> ServerResponse.ok()
                                .contentType(MediaType.TEXT_HTML)
                                .bodyValue(page))
                .build();
    }

    private Mono<ServerResponse> page() {
        return ServerResponse.ok()
                .contentType(MediaType.TEXT_HTML)
                .header(HttpHeaders.CACHE_CONTROL, dialect.isOld() ? "no-cache" : "no-store, must-revalidate")
                .header(HttpHeaders.PRAGMA, "no-cache")
                .header(HttpHeaders.EXPIRES, "0")
                .bodyValue(page);
    }

    private ObjectNode subgraphList() {
        ObjectNode list = Json.object();
        for (var entry : subgraphs.properties()) {
            ObjectNode item = (ObjectNode) entry.getValue().deepCopy();
            item.remove("data");
            list.set(entry.getKey(), item);
        }
        return list;
    }

    private JsonNode subgraph(String id) {
        if (!(subgraphs.get(id) instanceof ObjectNode found)) {
            return NullNode.getInstance();
        }
        ObjectNode item = found.deepCopy();
        item.put("data", Json.text(found.get("data")));
        return item;
    }
}
