package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.files.UploadStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** Keeps files that come as assets; content that is there already is not kept twice. */
@Component
public class AssetUploadStore {

    private final AssetCatalog catalog;
    private final UploadStore uploads;

    AssetUploadStore(AssetCatalog catalog, UploadStore uploads) {
        this.catalog = catalog;
        this.uploads = uploads;
    }

    /**
     * What became of a file.
     *
     * @param asset the asset
     * @param created whether its content is new
     */
    public record Result(Asset asset, boolean created) {}

    /** Takes a received file, which is gone afterwards; null when its name leads out of the folder. */
    public synchronized @Nullable Result store(Path received, String name, List<String> tags, ObjectNode metadata)
            throws IOException {
        Asset known = catalog.refer(AssetCatalog.hash(received), name, tags, metadata);
        if (known != null) {
            Files.deleteIfExists(received);
            return new Result(known, false);
        }
        UploadStore.Stored stored = uploads.store(new UploadStore.Request(name, "input", "", false), received);
        if (stored == null) {
            return null;
        }
        String id = catalog.uploaded(stored).orElseThrow().get("id").asString();
        Asset asset = catalog.get(id);
        if (asset == null) {
            return null;
        }
        Asset described = tags.isEmpty() ? asset : asset.withTags(tags);
        catalog.replace(described);
        return new Result(described, true);
    }
}
