package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.assets.Asset;
import dev.comfygateway.simulator.assets.AssetCatalog;
import dev.comfygateway.simulator.assets.AssetChanges;
import dev.comfygateway.simulator.assets.AssetQuery;
import dev.comfygateway.simulator.assets.AssetSeeder;
import dev.comfygateway.simulator.assets.AssetTags;
import dev.comfygateway.simulator.assets.AssetViews;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RequestPredicates;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Assets, or the answer that there are none. */
@Component
class AssetRoutes {

    private static final String ID = "{id:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}}";
    private static final int DEFAULT_LIMIT = 20;
    private static final int LARGEST_LIMIT = 500;

    private final AssetCatalog catalog;
    private final AssetChanges changes;
    private final AssetSeeder seeder;
    private final AssetUploads uploads;
    private final Bodies bodies;

    AssetRoutes(AssetCatalog catalog, AssetChanges changes, AssetSeeder seeder, AssetUploads uploads, Bodies bodies) {
        this.catalog = catalog;
        this.changes = changes;
        this.seeder = seeder;
        this.uploads = uploads;
        this.bodies = bodies;
    }

    RouterFunction<ServerResponse> routes() {
        if (!catalog.enabled()) {
            return RouterFunctions.route(
                    RequestPredicates.path("/assets/{*rest}").or(RequestPredicates.path("/tags")),
                    request -> disabled());
        }
        return RouterFunctions.route()
                .GET("/assets", request -> Answers.blocking(() -> list(request)))
                .POST("/assets", uploads::receive)
                .POST("/assets/from-hash", request -> withBody(request, uploads::refer))
                .GET("/assets/hash/{hash}", request -> Answers.blocking(() -> hash(request.pathVariable("hash"))))
                .GET(
                        "/assets/tags/refine",
                        request -> Answers.blocking(() -> Answers.json(AssetTags.refined(catalog.all().stream()
                                .filter(query(request)::matches)
                                .toList()))))
                .GET("/tags", request -> Answers.blocking(() -> Answers.json(AssetTags.list(catalog.all()))))
                .add(seeds())
                .GET("/assets/" + ID, request -> Answers.blocking(() -> one(request)))
                .PUT("/assets/" + ID, request -> withBody(request, body -> change(request, body)))
                .DELETE(
                        "/assets/" + ID,
                        request -> Answers.blocking(() -> catalog.remove(id(request))
                                ? ServerResponse.status(204).build()
                                : unknown(id(request))))
                .GET("/assets/" + ID + "/content", request -> Answers.blocking(() -> content(request)))
                .POST("/assets/" + ID + "/tags", request -> withBody(request, body -> tag(request, body, true)))
                .DELETE("/assets/" + ID + "/tags", request -> withBody(request, body -> tag(request, body, false)))
                .build();
    }

    private RouterFunction<ServerResponse> seeds() {
        return RouterFunctions.route()
                .GET("/assets/seed/status", request -> Answers.json(idle()))
                .POST("/assets/seed", request -> withBody(request, this::seed))
                .POST(
                        "/assets/seed/cancel",
                        request -> Answers.json(Json.object().put("status", "idle")))
                .POST(
                        "/assets/prune",
                        request -> Answers.json(
                                Json.object().put("status", "completed").put("marked", 0)))
                .build();
    }

    static Mono<ServerResponse> refused(int status, String code, String message, Map<String, String> details) {
        ObjectNode body = Json.object();
        ObjectNode error = body.putObject("error").put("code", code).put("message", message);
        ObjectNode told = error.putObject("details");
        details.forEach(told::put);
        return Answers.json(status, body);
    }

    private static Mono<ServerResponse> disabled() {
        return refused(
                503,
                "SERVICE_DISABLED",
                "Assets system is disabled. Start the server with --enable-assets to use this feature.",
                Map.of());
    }

    private static Mono<ServerResponse> unknown(String id) {
        return refused(404, "ASSET_NOT_FOUND", "AssetReference " + id + " not found", Map.of("id", id));
    }

    private static String id(ServerRequest request) {
        return request.pathVariable("id");
    }

    /** Unlike elsewhere, what is not JSON is told. */
    private Mono<ServerResponse> withBody(ServerRequest request, BodyHandler handler) {
        return bodies.bytes(request)
                .flatMap(bytes -> Answers.blocking(() -> {
                    JsonNode body;
                    try {
                        body = bytes.length == 0 ? Json.object() : Json.parse(bytes);
                    } catch (JacksonException e) {
                        return refused(400, "INVALID_JSON", "Request body must be valid JSON.", Map.of());
                    }
                    return handler.handle(body);
                }));
    }

    interface BodyHandler {
        Mono<ServerResponse> handle(JsonNode body) throws IOException;
    }

    private Mono<ServerResponse> list(ServerRequest request) {
        AssetQuery query;
        try {
            query = query(request);
        } catch (NumberFormatException e) {
            return refused(400, "INVALID_QUERY", "limit and offset are integers", Map.of());
        }
        ObjectNode page = query.page(catalog.all());
        return Answers.json(page).doOnSuccess(answer -> later(seeder::enrichOutputs));
    }

    private static AssetQuery query(ServerRequest request) {
        int limit = Integer.parseInt(request.queryParam("limit").orElse(Integer.toString(DEFAULT_LIMIT)));
        return new AssetQuery(
                tags(request, "include_tags"),
                tags(request, "exclude_tags"),
                request.queryParam("name_contains").orElse(""),
                !request.queryParam("order").orElse("desc").equals("asc"),
                Math.clamp(limit, 1, LARGEST_LIMIT),
                Math.max(0, Integer.parseInt(request.queryParam("offset").orElse("0"))),
                request.queryParam("after").orElse(null));
    }

    private static List<String> tags(ServerRequest request, String name) {
        return request.queryParams().getOrDefault(name, List.of()).stream()
                .flatMap(value -> Arrays.stream(value.split(",")))
                .filter(tag -> !tag.isBlank())
                .map(String::strip)
                .toList();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void later(Work work) {
        Mono.fromCallable(() -> {
                    work.run();
                    return true;
                })
                .subscribeOn(Schedulers.boundedElastic())
                .subscribe();
    }

    private Mono<ServerResponse> one(ServerRequest request) {
        Asset asset = catalog.get(id(request));
        return asset == null ? unknown(id(request)) : Answers.json(AssetViews.whole(asset));
    }

    private Mono<ServerResponse> content(ServerRequest request) throws IOException {
        Asset asset = catalog.get(id(request));
        if (asset == null) {
            return unknown(id(request));
        }
        if (!Files.isRegularFile(asset.file())) {
            return refused(404, "FILE_NOT_FOUND", "the file is gone", Map.of("id", asset.id()));
        }
        String disposition = request.queryParam("disposition").orElse("attachment");
        String name = URLEncoder.encode(asset.name(), StandardCharsets.UTF_8).replace("+", "%20");
        return FileAnswers.send(request, asset.file(), asset.contentType(), headers -> {
            headers.set(
                    HttpHeaders.CONTENT_DISPOSITION,
                    (disposition.equals("inline") ? "inline" : "attachment") + "; filename*=UTF-8''" + name);
            headers.set("X-Content-Type-Options", "nosniff");
        });
    }

    private Mono<ServerResponse> change(ServerRequest request, JsonNode body) {
        Asset asset = changes.describe(id(request), body);
        return asset == null ? unknown(id(request)) : Answers.json(AssetViews.whole(asset));
    }

    private Mono<ServerResponse> tag(ServerRequest request, JsonNode body, boolean add) {
        if (!body.path("tags").isArray() || body.path("tags").isEmpty()) {
            return refused(400, "INVALID_BODY", "Validation failed for tags.", Map.of());
        }
        List<String> tags = body.get("tags")
                .valueStream()
                .map(tag -> tag.asString("").strip())
                .filter(tag -> !tag.isEmpty())
                .toList();
        ObjectNode result = add ? changes.addTags(id(request), tags) : changes.removeTags(id(request), tags);
        return result == null ? unknown(id(request)) : Answers.json(result);
    }

    private Mono<ServerResponse> hash(String hash) {
        return Answers.empty(catalog.withHash(hash) == null ? 404 : 200);
    }

    private static ObjectNode idle() {
        ObjectNode status = Json.object().put("state", "IDLE");
        status.putObject("progress")
                .put("scanned", 0)
                .put("total", 0)
                .put("created", 0)
                .put("skipped", 0);
        status.putArray("errors");
        return status;
    }

    private Mono<ServerResponse> seed(JsonNode body) {
        List<String> roots = body.path("roots").isArray()
                ? body.get("roots").valueStream().map(root -> root.asString("")).toList()
                : List.of("models", "input", "output");
        later(() -> seeder.seed(roots));
        return Answers.json(202, Json.object().put("status", "started"));
    }
}
