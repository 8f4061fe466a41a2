package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.assets.Asset;
import dev.comfygateway.simulator.assets.AssetCatalog;
import dev.comfygateway.simulator.assets.AssetUploadStore;
import dev.comfygateway.simulator.assets.AssetViews;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** New assets: from a file, or from the hash of one that is there. */
@Component
class AssetUploads {

    private static final Pattern HASH = Pattern.compile("blake3:[0-9a-f]{64}");

    private final AssetCatalog catalog;
    private final AssetUploadStore store;

    AssetUploads(AssetCatalog catalog, AssetUploadStore store) {
        this.catalog = catalog;
        this.store = store;
    }

    Mono<ServerResponse> receive(ServerRequest request) {
        return request.multipartData().flatMap(parts -> {
            if (!(parts.getFirst("file") instanceof FilePart file)) {
                return AssetRoutes.refused(
                        400, "MISSING_FILE", "Form must include a 'file' part or a known 'hash'.", Map.of());
            }
            String name = UploadRoutes.field(parts, "name", file.filename());
            List<String> tags = tags(UploadRoutes.field(parts, "tags", ""));
            ObjectNode metadata = object(UploadRoutes.field(parts, "user_metadata", "{}"));
            return UploadRoutes.receive(file)
                    .flatMap(received -> Answers.blocking(() -> stored(store.store(received, name, tags, metadata))));
        });
    }

    private static Mono<ServerResponse> stored(AssetUploadStore.@Nullable Result result) {
        if (result == null) {
            return AssetRoutes.refused(400, "BAD_REQUEST", "the name leads out of the folder", Map.of());
        }
        ObjectNode body = AssetViews.whole(result.asset()).put("created_new", result.created());
        return Answers.json(result.created() ? 201 : 200, body);
    }

    Mono<ServerResponse> refer(JsonNode body) throws IOException {
        String hash = body.path("hash").asString("").strip();
        if (!HASH.matcher(hash).matches()) {
            return AssetRoutes.refused(400, "INVALID_BODY", "hash must be like 'blake3:<hex>'", Map.of());
        }
        List<String> tags =
                body.path("tags").valueStream().map(tag -> tag.asString("")).toList();
        ObjectNode metadata = body.path("user_metadata") instanceof ObjectNode given ? given : Json.object();
        Asset asset = catalog.refer(hash, body.path("name").asString(hash), tags, metadata);
        return asset == null
                ? AssetRoutes.refused(
                        404, "ASSET_NOT_FOUND", "Asset content " + hash + " does not exist", Map.of("hash", hash))
                : Answers.json(201, AssetViews.whole(asset).put("created_new", false));
    }

    /** A JSON list, or names between commas. */
    private static List<String> tags(String text) {
        if (text.strip().startsWith("[")) {
            try {
                return Json.parse(text)
                        .valueStream()
                        .map(tag -> tag.asString(""))
                        .toList();
            } catch (JacksonException e) {
                return List.of();
            }
        }
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(tag -> !tag.isEmpty())
                .toList();
    }

    private static ObjectNode object(String text) {
        try {
            return Json.parse(text) instanceof ObjectNode object ? object : Json.object();
        } catch (JacksonException e) {
            return Json.object();
        }
    }
}
