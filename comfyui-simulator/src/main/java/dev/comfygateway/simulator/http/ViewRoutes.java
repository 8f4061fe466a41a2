package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.assets.AssetCatalog;
import dev.comfygateway.simulator.files.AnnotatedName;
import dev.comfygateway.simulator.files.ContentTypes;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.media.Pictures;
import dev.comfygateway.simulator.media.WebpWriter;
import dev.comfygateway.simulator.models.ModelFolders;
import dev.comfygateway.simulator.models.SafetensorsHeader;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.node.ObjectNode;

/** Reading files: as they are, or pictures in another form. */
@Component
class ViewRoutes {

    private static final int DEFAULT_QUALITY = 90;

    private final Folders folders;
    private final ModelFolders models;
    private final AssetCatalog assets;
    private final Dialect dialect;
    private final long maxPixels;

    ViewRoutes(Folders folders, ModelFolders models, AssetCatalog assets, SimulatorProperties properties) {
        this.folders = folders;
        this.models = models;
        this.assets = assets;
        this.dialect = properties.dialect();
        this.maxPixels = properties.maxPixels();
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/view", request -> Answers.blocking(() -> view(request)))
                .GET(
                        "/view_metadata/{folder}",
                        request -> Answers.blocking(() -> metadata(
                                request.pathVariable("folder"),
                                request.queryParam("filename").orElse(""))))
                .build();
    }

    private Mono<ServerResponse> view(ServerRequest request) throws IOException {
        String given = request.queryParam("filename").orElse(null);
        if (given == null) {
            return Answers.empty(404);
        }
        if (!dialect.isOld() && given.startsWith("blake3:")) {
            Path asset = assets.fileWithHash(given);
            return asset == null ? Answers.empty(404) : send(request, asset);
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

    private Mono<ServerResponse> send(ServerRequest request, Path file) throws IOException {
        String preview = request.queryParam("preview").orElse(null);
        if (preview != null) {
            return preview(file, preview, request.queryParam("channel").orElse(""));
        }
        return switch (request.queryParam("channel").orElse("")) {
            case "rgb" -> picture(file, "image/png", Pictures.png(Pictures.opaque(read(file))));
            case "a" -> picture(file, "image/png", Pictures.png(Pictures.opacity(read(file))));
            default -> original(request, file);
        };
    }

    /** The format and its quality, as in {@code webp;80}; what is neither is WebP of the usual quality. */
    private Mono<ServerResponse> preview(Path file, String wanted, String channel) throws IOException {
        String[] parts = wanted.split(";", -1);
        int quality = DEFAULT_QUALITY;
        String digits = parts[parts.length - 1];
        if (parts.length > 1 && digits.matches("\\d{1,9}")) {
            quality = Integer.parseInt(digits);
        }
        BufferedImage image = read(file);
        if (parts[0].equals("jpeg")) {
            return picture(file, "image/jpeg", Pictures.jpeg(image, quality));
        }
        if (quality > 100) {
            throw new IOException("quality must be between 0 and 100");
        }
        // The quality has no other effect: this WebP is lossless.
        return picture(file, "image/webp", WebpWriter.write(channel.equals("rgb") ? Pictures.opaque(image) : image));
    }

    private BufferedImage read(Path file) throws IOException {
        return Pictures.read(file, maxPixels);
    }

    private static Mono<ServerResponse> picture(Path file, String type, byte[] bytes) {
        return ServerResponse.ok()
                .contentType(MediaType.parseMediaType(type))
                .contentLength(bytes.length)
                .header(HttpHeaders.CONTENT_DISPOSITION, inline(name(file)))
                .bodyValue(bytes);
    }

    private Mono<ServerResponse> original(ServerRequest request, Path file) throws IOException {
        String name = name(file);
        if (dialect.isOld()) {
            return FileAnswers.send(
                    request,
                    file,
                    ContentTypes.inOldView(name),
                    headers -> headers.set(HttpHeaders.CONTENT_DISPOSITION, inline(name)));
        }
        boolean dangerous = ContentTypes.isDangerous(name);
        // A picture that an img element asked for runs no scripts.
        boolean harmless = ContentTypes.of(name).equals("image/svg+xml")
                && "image".equals(request.headers().firstHeader("Sec-Fetch-Dest"));
        boolean forSaving = dangerous && !harmless;
        return FileAnswers.send(request, file, forSaving ? ContentTypes.BINARY : ContentTypes.of(name), headers -> {
            headers.set("X-Content-Type-Options", "nosniff");
            headers.set(HttpHeaders.CONTENT_DISPOSITION, forSaving ? "attachment; " + inline(name) : inline(name));
            if (dangerous) {
                headers.set(HttpHeaders.VARY, "Sec-Fetch-Dest");
                headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
            }
        });
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName()).toString();
    }

    private static String inline(String name) {
        return "filename=\"" + name.replaceAll("[\\p{Cntrl}\"\\\\]", "_") + "\"";
    }

    private Mono<ServerResponse> metadata(String folder, String name) throws IOException {
        Path file = name.endsWith(".safetensors") ? models.find(folder, name) : null;
        ObjectNode metadata = file == null ? null : SafetensorsHeader.metadata(file);
        return metadata == null ? Answers.empty(404) : Answers.json(metadata);
    }
}
