package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.graph.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What users change of assets. */
@Component
public class AssetChanges {

    private final AssetCatalog catalog;

    AssetChanges(AssetCatalog catalog) {
        this.catalog = catalog;
    }

    /** Gives an asset another name or other metadata; null when there is no such asset. */
    public synchronized @Nullable Asset describe(String id, JsonNode body) {
        Asset asset = catalog.get(id);
        if (asset == null) {
            return null;
        }
        ObjectNode metadata =
                body.path("user_metadata") instanceof ObjectNode given ? given.deepCopy() : asset.userMetadata();
        Asset changed = asset.withDescription(body.path("name").asString(asset.name()), metadata);
        catalog.replace(changed);
        return changed;
    }

    /** Adds tags and says which; null when there is no such asset. */
    public synchronized @Nullable ObjectNode addTags(String id, List<String> tags) {
        Asset asset = catalog.get(id);
        if (asset == null) {
            return null;
        }
        TreeSet<String> all = new TreeSet<>(asset.tags());
        List<String> added = new ArrayList<>();
        List<String> present = new ArrayList<>();
        tags.forEach(tag -> (all.add(tag) ? added : present).add(tag));
        return changed(asset, all, "added", added, "already_present", present);
    }

    /** Takes tags away and says which; null when there is no such asset. */
    public synchronized @Nullable ObjectNode removeTags(String id, List<String> tags) {
        Asset asset = catalog.get(id);
        if (asset == null) {
            return null;
        }
        TreeSet<String> all = new TreeSet<>(asset.tags());
        List<String> removed = new ArrayList<>();
        List<String> absent = new ArrayList<>();
        tags.forEach(tag -> (all.remove(tag) ? removed : absent).add(tag));
        return changed(asset, all, "removed", removed, "not_present", absent);
    }

    private ObjectNode changed(
            Asset asset, Set<String> tags, String done, List<String> doneTags, String not, List<String> notTags) {
        catalog.replace(asset.withTags(tags));
        ObjectNode result = Json.object();
        result.set(done, Json.strings(doneTags));
        result.set(not, Json.strings(notTags));
        result.set("total_tags", Json.strings(tags));
        return result;
    }
}
