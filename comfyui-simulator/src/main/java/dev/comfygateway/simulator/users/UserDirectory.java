package dev.comfygateway.simulator.users;

import dev.comfygateway.simulator.ServerFlagsProperties;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The users, in a file of their own; without the flag for several users there is only the default one. */
@Component
public class UserDirectory {

    private static final String DEFAULT = "default";

    private final Path root;
    private final Path file;
    private final boolean several;

    UserDirectory(Folders folders, ServerFlagsProperties flags) {
        this.root = folders.base().resolve("user");
        this.file = root.resolve("users.json");
        this.several = flags.multiUser();
    }

    /** What {@code GET /users} answers. */
    public synchronized ObjectNode describe() throws IOException {
        ObjectNode body = Json.object().put("storage", "server");
        if (several) {
            body.set("users", users());
            return body;
        }
        return body.put("migrated", Files.isDirectory(root.resolve(DEFAULT)));
    }

    /** Adds a user and returns the new id; null when the name is taken. */
    public synchronized @Nullable String add(String name) throws IOException {
        ObjectNode users = users();
        if (users.valueStream().anyMatch(taken -> taken.asString("").equals(name))) {
            return null;
        }
        // The id is also the name of a folder.
        String id = name.replaceAll("[^a-zA-Z0-9-_]+", "-") + "_" + UUID.randomUUID();
        users.put(id, name);
        WholeFile.write(file, Json.bytes(users));
        return id;
    }

    /** The folder of the user that a request names, made if need be; null when there is no such user. */
    public synchronized @Nullable Path folder(@Nullable String id) throws IOException {
        String known = several ? id : DEFAULT;
        if (known == null || (several && !users().has(known))) {
            return null;
        }
        Path folder = Folders.inside(root, known);
        if (folder == null || folder.equals(root)) {
            return null;
        }
        return Files.createDirectories(folder);
    }

    private ObjectNode users() throws IOException {
        return Files.exists(file) && Json.parse(Files.readAllBytes(file)) instanceof ObjectNode users
                ? users
                : Json.object();
    }
}
