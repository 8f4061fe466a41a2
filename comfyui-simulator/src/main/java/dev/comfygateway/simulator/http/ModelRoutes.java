package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.Pictures;
import dev.comfygateway.simulator.media.WebpWriter;
import dev.comfygateway.simulator.models.ModelFolders;
import dev.comfygateway.simulator.models.ModelFolders.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Lists of models. */
@Component
class ModelRoutes {

    private static final List<String> PREVIEWS =
            List.of(".png", ".preview.png", ".jpg", ".preview.jpg", ".jpeg", ".preview.jpeg");

    private final ModelFolders models;
    private final Dialect dialect;
    private final long maxPixels;
    private final FileTime started = FileTime.from(Instant.now());

    ModelRoutes(ModelFolders models, SimulatorProperties properties) {
        this.models = models;
        this.dialect = properties.dialect();
        this.maxPixels = properties.maxPixels();
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET(
                        "/models",
                        request -> Answers.json(Json.strings(models.kinds().stream()
                                .map(ModelFolders.Kind::name)
                                .toList())))
                .GET("/models/{folder}", request -> Answers.blocking(() -> names(request.pathVariable("folder"))))
                .GET("/embeddings", request -> Answers.blocking(this::embeddings))
                .GET("/experiment/models", request -> Answers.json(browser()))
                .GET(
                        "/experiment/models/{folder}",
                        request -> Answers.blocking(() -> described(request.pathVariable("folder"))))
                .GET(
                        "/experiment/models/preview/{folder}/{index}/{*name}",
                        request -> Answers.blocking(() -> preview(request)))
                .build();
    }

    private Mono<ServerResponse> names(String folder) throws IOException {
        ModelFolders.Kind kind = models.kind(folder);
        return kind == null
                ? Answers.empty(404)
                : Answers.json(Json.strings(
                        models.files(kind).stream().map(Model::name).toList()));
    }

    private Mono<ServerResponse> embeddings() throws IOException {
        ModelFolders.Kind kind = models.kind("embeddings");
        List<Model> files = kind == null ? List.of() : models.files(kind);
        return Answers.json(
                Json.strings(files.stream().map(model -> stem(model.name())).toList()));
    }

    private ArrayNode browser() {
        ArrayNode kinds = Json.array();
        for (ModelFolders.Kind kind : models.browsable()) {
            ObjectNode item = kinds.addObject().put("name", kind.name());
            item.set("folders", InternalRoutes.paths(kind));
            if (!dialect.isOld()) {
                item.set("extensions", Json.strings(kind.extensions()));
            }
        }
        return kinds;
    }

    private Mono<ServerResponse> described(String folder) throws IOException {
        ModelFolders.Kind kind = models.kind(folder);
        if (kind == null) {
            return Answers.empty(404);
        }
        ArrayNode list = Json.array();
        for (Model model : models.files(kind)) {
            ObjectNode item = list.addObject().put("name", model.name()).put("pathIndex", model.folder());
            BasicFileAttributes attributes =
                    model.file() == null ? null : Files.readAttributes(model.file(), BasicFileAttributes.class);
            item.set("modified", UserDataRoutes.seconds(attributes == null ? started : attributes.lastModifiedTime()));
            item.set("created", UserDataRoutes.seconds(attributes == null ? started : attributes.creationTime()));
            item.put("size", attributes == null ? 0 : attributes.size());
        }
        return Answers.json(list);
    }

    private Mono<ServerResponse> preview(ServerRequest request) throws IOException {
        ModelFolders.Kind kind = models.kind(request.pathVariable("folder"));
        if (kind == null) {
            return Answers.empty(404);
        }
        // A number that is none, or too large, is an error nobody expected.
        Path folder = kind.folders().get(Integer.parseInt(request.pathVariable("index")));
        Path picture = picture(folder, stem(request.pathVariable("name").replaceFirst("^/+", "")));
        if (picture == null) {
            return Answers.empty(404);
        }
        byte[] bytes = WebpWriter.write(Pictures.read(picture, maxPixels));
        return ServerResponse.ok()
                .contentType(MediaType.parseMediaType("image/webp"))
                .contentLength(bytes.length)
                .bodyValue(bytes);
    }

    /** The picture beside a model. */
    private static @Nullable Path picture(Path folder, String stem) {
        for (String extension : PREVIEWS) {
            Path file = Folders.inside(folder, stem + extension);
            if (file != null && Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static String stem(String name) {
        int dot = name.lastIndexOf('.');
        return dot <= name.lastIndexOf('/') + 1 ? name : name.substring(0, dot);
    }
}
