package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.ServerFlagsProperties;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.ContentTypes;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.files.UploadStore;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.media.Pictures;
import java.awt.Dimension;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.codec.digest.Blake3;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The assets there are, in memory, the oldest first. Without the flag for assets there are none. */
@Component
public class AssetCatalog {

    private static final int HASH_BYTES = 32;

    private static final int REMEMBERED = 10_000;

    private final Folders folders;
    private final boolean enabled;
    private final Map<String, Asset> assets = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Asset> eldest) {
            return size() > REMEMBERED;
        }
    };

    AssetCatalog(Folders folders, ServerFlagsProperties flags, SimulatorProperties properties) {
        this.folders = folders;
        this.enabled = flags.assets() && properties.dialect() == Dialect.NEW;
    }

    /** Whether there are assets at all. */
    public boolean enabled() {
        return enabled;
    }

    /** Takes an uploaded file in; nothing when there are no assets. */
    public Optional<ObjectNode> uploaded(UploadStore.Stored stored) {
        if (!enabled) {
            return Optional.empty();
        }
        String path = stored.subfolder().isEmpty() ? stored.name() : stored.subfolder() + "/" + stored.name();
        return Optional.of(AssetViews.brief(add(stored.type(), path, null)));
    }

    /** Takes a file that a node wrote in and returns its id; null when there are no assets. */
    public @Nullable String produced(String type, String subfolder, String name, String promptId) {
        return enabled
                ? add(type, subfolder.isEmpty() ? name : subfolder + "/" + name, promptId)
                        .id()
                : null;
    }

    private synchronized Asset add(String type, String path, @Nullable String promptId) {
        Path root = folders.root(type);
        Path file = root == null ? null : Folders.inside(root, path);
        if (file == null) {
            throw new IllegalArgumentException("no such file");
        }
        try {
            Asset before = at(file);
            String id = before == null ? UUID.randomUUID().toString() : before.id();
            Dimension size = Pictures.size(file);
            Instant now = Instant.now();
            // Files of nodes are hashed later, as the real server does: a prompt does not wait for it.
            Asset asset = new Asset(
                    id,
                    String.valueOf(file.getFileName()),
                    type,
                    path,
                    file,
                    Files.size(file),
                    ContentTypes.of(path),
                    List.of(type, "uploaded"),
                    Json.object().put("filename", path),
                    promptId == null ? hash(file) : null,
                    size.width,
                    size.height,
                    promptId,
                    false,
                    new Asset.Times(now, now, now));
            assets.put(id, asset);
            return asset;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable Asset at(Path file) {
        return assets.values().stream()
                .filter(asset -> asset.file().equals(file) && !asset.path().isEmpty())
                .findFirst()
                .orElse(null);
    }

    /** A second asset for content that is there already; null when it is not. */
    public synchronized @Nullable Asset refer(String hash, String name, List<String> tags, ObjectNode metadata) {
        Asset original = withHash(hash);
        if (original == null) {
            return null;
        }
        Instant now = Instant.now();
        Asset asset = new Asset(
                UUID.randomUUID().toString(),
                name,
                original.type(),
                "",
                original.file(),
                original.size(),
                original.contentType(),
                tags,
                metadata,
                hash,
                original.width(),
                original.height(),
                null,
                false,
                new Asset.Times(now, now, now));
        assets.put(asset.id(), asset);
        return asset;
    }

    /** All of them, the oldest first. */
    public synchronized List<Asset> all() {
        return new ArrayList<>(assets.values());
    }

    /** The asset of that id, or null. */
    public synchronized @Nullable Asset get(String id) {
        return assets.get(id);
    }

    /** Puts a changed asset in the place of the older one. */
    synchronized void replace(Asset asset) {
        assets.replace(asset.id(), asset);
    }

    /** Forgets an asset; its file stays. */
    public synchronized boolean remove(String id) {
        return assets.remove(id) != null;
    }

    /** An asset with that content, or null. */
    public synchronized @Nullable Asset withHash(String hash) {
        return assets.values().stream()
                .filter(asset -> hash.equals(asset.hash()))
                .findFirst()
                .orElse(null);
    }

    /** The file of an asset with that content, or null. */
    public @Nullable Path fileWithHash(String hash) {
        Asset asset = withHash(hash);
        return asset != null && Files.isRegularFile(asset.file()) ? asset.file() : null;
    }

    /** The hash of a file as assets tell it. */
    static String hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            Blake3 hash = Blake3.initHash();
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                hash.update(buffer, 0, read);
            }
            return "blake3:" + HexFormat.of().formatHex(hash.doFinalize(HASH_BYTES));
        }
    }
}
