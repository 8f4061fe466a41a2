package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.assets.AssetCatalog;
import dev.comfygateway.simulator.files.UploadStore;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.FormFieldPart;
import org.springframework.http.codec.multipart.Part;
import org.springframework.stereotype.Component;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.node.ObjectNode;

/** Receiving files. */
@Component
class UploadRoutes {

    private final UploadStore uploads;
    private final AssetCatalog assets;

    UploadRoutes(UploadStore uploads, AssetCatalog assets) {
        this.uploads = uploads;
        this.assets = assets;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .POST("/upload/image", request -> upload(request, false))
                .POST("/upload/mask", request -> upload(request, true))
                .build();
    }

    private Mono<ServerResponse> upload(ServerRequest request, boolean mask) {
        return request.multipartData().flatMap(parts -> {
            Part part = parts.getFirst("image");
            if (part == null) {
                return Answers.empty(400);
            }
            if (!(part instanceof FilePart image)) {
                return Mono.error(new IOException("the image is a text"));
            }
            String name = image.filename().replaceFirst("^/+", "");
            if (name.isEmpty()) {
                return Answers.empty(400);
            }
            UploadStore.Request wanted = new UploadStore.Request(
                    name,
                    field(parts, "type", "input"),
                    field(parts, "subfolder", ""),
                    Set.of("true", "1").contains(field(parts, "overwrite", "")));
            String original = mask ? field(parts, "original_ref", "") : "";
            return receive(image)
                    .flatMap(file -> Mono.fromCallable(
                            () -> mask ? uploads.storeMask(wanted, file, original) : uploads.store(wanted, file)))
                    .flatMap(stored -> stored(stored, mask))
                    .switchIfEmpty(Mono.defer(() -> Answers.empty(400)));
        });
    }

    /** A new temporary file with what was sent; continues where blocking is allowed. */
    static Mono<Path> receive(FilePart part) {
        return Mono.fromCallable(() -> Files.createTempFile("comfyui-upload-", ""))
                .subscribeOn(Schedulers.boundedElastic())
                .flatMap(file -> part.transferTo(file).thenReturn(file))
                .publishOn(Schedulers.boundedElastic());
    }

    private Mono<ServerResponse> stored(UploadStore.Stored stored, boolean mask) {
        ObjectNode body = Json.object()
                .put("name", stored.name())
                .put("subfolder", stored.subfolder())
                .put("type", stored.type());
        if (!mask) {
            assets.uploaded(stored).ifPresent(asset -> body.set("asset", asset));
        }
        return Answers.json(body);
    }

    static String field(MultiValueMap<String, Part> parts, String name, String otherwise) {
        return parts.getFirst(name) instanceof FormFieldPart field ? field.value() : otherwise;
    }
}
