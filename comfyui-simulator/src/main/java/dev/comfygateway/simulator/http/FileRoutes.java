package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.files.AnnotatedName;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.files.UploadStore;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.springframework.core.io.FileSystemResource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.MediaTypeFactory;
import org.springframework.http.codec.multipart.FilePart;
import org.springframework.http.codec.multipart.FormFieldPart;
import org.springframework.http.codec.multipart.Part;
import org.springframework.stereotype.Component;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Reading and uploading files. */
@Component
class FileRoutes {

    /** Types a browser would run in the server's own origin. */
    private static final Set<String> DANGEROUS = Set.of("html", "htm", "js", "css", "svg", "xml", "xhtml");

    private final Folders folders;
    private final UploadStore uploads;

    FileRoutes(Folders folders, UploadStore uploads) {
        this.folders = folders;
        this.uploads = uploads;
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/view", request -> Answers.blocking(() -> view(request)))
                .POST("/upload/image", request -> upload(request, false))
                .POST("/upload/mask", request -> upload(request, true))
                .build();
    }

    private Mono<ServerResponse> view(ServerRequest request) throws IOException {
        String given = request.queryParam("filename").orElse(null);
        if (given == null) {
            return Answers.empty(404);
        }
        AnnotatedName name =
                AnnotatedName.parse(given, request.queryParam("type").orElse("output"));
        if (name.name().isEmpty() || name.name().startsWith("/") || name.name().contains("..")) {
            return Answers.empty(400);
        }
        Path root = folders.root(name.type());
        if (root == null) {
            return Answers.empty(400);
        }
        Path folder = Folders.inside(root, request.queryParam("subfolder").orElse(""));
        if (folder == null) {
            return Answers.empty(403);
        }
        // Only the last part of the name counts.
        Path file = Folders.inside(folder, name.name().substring(name.name().lastIndexOf('/') + 1));
        if (file == null || !Files.isRegularFile(file)) {
            return Answers.empty(404);
        }
        return send(request, file);
    }

    private static Mono<ServerResponse> send(ServerRequest request, Path file) throws IOException {
        String fileName = Objects.requireNonNull(file.getFileName()).toString();
        Instant modified = Files.getLastModifiedTime(file).toInstant();
        String etag = "\"" + Long.toHexString(modified.getEpochSecond() * 1_000_000_000L + modified.getNano()) + "-"
                + Long.toHexString(Files.size(file)) + "\"";
        String extension = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        boolean dangerous = DANGEROUS.contains(extension);
        boolean inlineSvg = extension.equals("svg")
                && "image".equals(request.headers().asHttpHeaders().getFirst("Sec-Fetch-Dest"));
        MediaType type = dangerous && !inlineSvg
                ? MediaType.APPLICATION_OCTET_STREAM
                : MediaTypeFactory.getMediaType(fileName).orElse(MediaType.APPLICATION_OCTET_STREAM);
        ServerResponse.BodyBuilder answer = ServerResponse.ok()
                .contentType(type)
                .eTag(etag)
                .lastModified(modified.truncatedTo(ChronoUnit.SECONDS))
                .header("X-Content-Type-Options", "nosniff")
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        (dangerous && !inlineSvg ? "attachment; " : "") + "filename=\"" + fileName + "\"");
        if (dangerous) {
            answer.header(HttpHeaders.VARY, "Sec-Fetch-Dest").header(HttpHeaders.CACHE_CONTROL, "no-store");
        }
        return request.checkNotModified(modified, etag)
                .switchIfEmpty(Mono.defer(() -> answer.body(BodyInserters.fromResource(new FileSystemResource(file)))));
    }

    private Mono<ServerResponse> upload(ServerRequest request, boolean mask) {
        return request.multipartData().flatMap(parts -> {
            if (!(parts.getFirst("image") instanceof FilePart image)
                    || image.filename().isEmpty()) {
                return Answers.empty(400);
            }
            UploadStore.Request wanted = new UploadStore.Request(
                    image.filename(),
                    field(parts, "type", "input"),
                    field(parts, "subfolder", ""),
                    Set.of("true", "1").contains(field(parts, "overwrite", "")));
            String original = mask ? field(parts, "original_ref", "") : "";
            Mono<Path> received = Mono.fromCallable(() -> Files.createTempFile("comfyui-upload-", ""))
                    .subscribeOn(Schedulers.boundedElastic())
                    .flatMap(file -> image.transferTo(file).thenReturn(file));
            return received.publishOn(Schedulers.boundedElastic())
                    .flatMap(file -> Mono.fromCallable(
                            () -> mask ? uploads.storeMask(wanted, file, original) : uploads.store(wanted, file)))
                    .flatMap(FileRoutes::stored)
                    .switchIfEmpty(Mono.defer(() -> Answers.empty(400)));
        });
    }

    private static Mono<ServerResponse> stored(UploadStore.Stored stored) {
        return Answers.json(Json.object()
                .put("name", stored.name())
                .put("subfolder", stored.subfolder())
                .put("type", stored.type()));
    }

    private static String field(MultiValueMap<String, Part> parts, String name, String otherwise) {
        return parts.getFirst(name) instanceof FormFieldPart field ? field.value() : otherwise;
    }
}
