package dev.comfygateway.simulator.http;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.ContentTypes;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.users.UserDirectory;
import dev.comfygateway.simulator.users.UserFiles;
import dev.comfygateway.simulator.users.UserFiles.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.TimeUnit;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.DoubleNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** The files of a user: workflows, style sheets and what else a web UI keeps. */
@Component
class UserDataRoutes {

    private final UserDirectory users;
    private final UserFiles files;
    private final Bodies bodies;
    private final Dialect dialect;

    UserDataRoutes(UserDirectory users, UserFiles files, Bodies bodies, SimulatorProperties properties) {
        this.users = users;
        this.files = files;
        this.bodies = bodies;
        this.dialect = properties.dialect();
    }

    RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .GET("/userdata", request -> Answers.blocking(() -> list(request)))
                .GET("/v2/userdata", request -> Answers.blocking(() -> tree(request)))
                .GET("/userdata/{file}", request -> Answers.blocking(() -> read(request)))
                .POST(
                        "/userdata/{file}",
                        request ->
                                bodies.bytes(request).flatMap(bytes -> Answers.blocking(() -> write(request, bytes))))
                .DELETE("/userdata/{file}", request -> Answers.blocking(() -> delete(request)))
                .POST("/userdata/{file}/move/{target}", request -> Answers.blocking(() -> move(request)))
                .build();
    }

    /** A user that nobody knows is an error that nobody expected. */
    private Path folder(ServerRequest request) throws IOException {
        Path folder = users.folder(request.headers().firstHeader(UserRoutes.USER_HEADER));
        if (folder == null) {
            throw new IOException("unknown user");
        }
        return folder;
    }

    private Mono<ServerResponse> list(ServerRequest request) throws IOException {
        String name = request.queryParam("dir").orElse("");
        if (name.isEmpty()) {
            return Answers.text(400, "Directory not provided");
        }
        Path folder = Folders.inside(folder(request), name);
        if (folder == null) {
            return Answers.text(403, "Invalid directory");
        }
        if (!Files.exists(folder)) {
            return Answers.text(404, "Directory not found");
        }
        boolean described = isTrue(request, "full_info");
        boolean split = isTrue(request, "split");
        ArrayNode list = Json.array();
        for (Path file : files.list(folder, isTrue(request, "recurse"))) {
            Path relative = folder.relativize(file);
            if (described) {
                list.add(describe(file, relative.toString()));
            } else if (split) {
                ArrayNode parts = list.addArray().add(relative.toString());
                relative.forEach(part -> parts.add(part.toString()));
            } else {
                list.add(relative.toString());
            }
        }
        return Answers.json(list);
    }

    private Mono<ServerResponse> tree(ServerRequest request) throws IOException {
        Path root = users.folder(request.headers().firstHeader(UserRoutes.USER_HEADER));
        if (root == null) {
            return Answers.text(403, "Invalid user specified in request");
        }
        Path folder = Folders.inside(root, request.queryParam("path").orElse(""));
        if (folder == null) {
            return Answers.text(400, "Invalid path requested");
        }
        if (!Files.exists(folder)) {
            return Answers.text(404, "Requested path not found");
        }
        if (!Files.isDirectory(folder)) {
            return Answers.text(400, "Requested path is not a directory");
        }
        ArrayNode list = Json.array();
        for (Path entry : files.tree(folder)) {
            boolean directory = Files.isDirectory(entry);
            ObjectNode item = list.addObject()
                    .put("name", String.valueOf(entry.getFileName()))
                    .put("path", root.relativize(entry).toString())
                    .put("type", directory ? "directory" : "file");
            if (!directory) {
                item.put("size", Files.size(entry)).set("modified", seconds(Files.getLastModifiedTime(entry)));
            }
        }
        return Answers.json(list);
    }

    private Mono<ServerResponse> read(ServerRequest request) throws IOException {
        Outcome outcome = files.find(folder(request), request.pathVariable("file"));
        if (!(outcome instanceof Outcome.Done(Path file))) {
            return refused(outcome);
        }
        if (!Files.isRegularFile(file)) {
            return ServerResponse.status(403)
                    .contentType(MediaType.APPLICATION_OCTET_STREAM)
                    .contentLength(0)
                    .build();
        }
        String name = String.valueOf(file.getFileName());
        return FileAnswers.send(request, file, ContentTypes.of(name), headers -> {
            if (!dialect.isOld() && !name.equals("user.css")) {
                headers.set(HttpHeaders.CONTENT_DISPOSITION, "attachment");
                headers.set("X-Content-Type-Options", "nosniff");
            }
        });
    }

    private Mono<ServerResponse> write(ServerRequest request, byte[] bytes) throws IOException {
        Path root = folder(request);
        return changed(request, root, files.write(root, request.pathVariable("file"), bytes, mayOverwrite(request)));
    }

    private Mono<ServerResponse> move(ServerRequest request) throws IOException {
        Path root = folder(request);
        return changed(
                request,
                root,
                files.move(root, request.pathVariable("file"), request.pathVariable("target"), mayOverwrite(request)));
    }

    private Mono<ServerResponse> delete(ServerRequest request) throws IOException {
        Outcome outcome = files.delete(folder(request), request.pathVariable("file"));
        return outcome instanceof Outcome.Done ? ServerResponse.status(204).build() : refused(outcome);
    }

    private Mono<ServerResponse> changed(ServerRequest request, Path root, Outcome outcome) throws IOException {
        if (!(outcome instanceof Outcome.Done(Path file))) {
            return refused(outcome);
        }
        String name = root.relativize(file).toString();
        return Answers.json(isTrue(request, "full_info") ? describe(file, name) : StringNode.valueOf(name));
    }

    private static Mono<ServerResponse> refused(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> Answers.empty(200);
            case Outcome.Escapes _ -> Answers.empty(403);
            case Outcome.Absent _ -> Answers.empty(404);
            case Outcome.Taken _ -> Answers.text(409, "File already exists");
            case Outcome.Unusable _ -> Answers.empty(400);
        };
    }

    private ObjectNode describe(Path file, String name) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        ObjectNode description = Json.object().put("path", name).put("size", attributes.size());
        description.set("modified", time(attributes.lastModifiedTime()));
        description.set("created", time(attributes.creationTime()));
        return description;
    }

    /** The newer release counts milliseconds here, the older one seconds. */
    private JsonNode time(FileTime time) {
        return dialect.isOld() ? seconds(time) : LongNode.valueOf(time.toMillis());
    }

    static JsonNode seconds(FileTime time) {
        return DoubleNode.valueOf(time.to(TimeUnit.MICROSECONDS) / 1e6);
    }

    private static boolean isTrue(ServerRequest request, String parameter) {
        return request.queryParam(parameter).orElse("").equalsIgnoreCase("true");
    }

    private static boolean mayOverwrite(ServerRequest request) {
        return !request.queryParam("overwrite").orElse("true").equals("false");
    }
}
