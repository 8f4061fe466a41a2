package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.graph.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Which assets a list shall have.
 *
 * @param included tags that each must have
 * @param excluded tags that none may have
 * @param nameContains a part of the name
 * @param descending whether the newest come first
 * @param limit how many
 * @param offset how many are passed over
 * @param after the cursor of the page before
 */
public record AssetQuery(
        List<String> included,
        List<String> excluded,
        String nameContains,
        boolean descending,
        int limit,
        int offset,
        @Nullable String after) {

    /** Copies the lists. */
    public AssetQuery {
        included = List.copyOf(included);
        excluded = List.copyOf(excluded);
    }

    /** The page, with a cursor when there is more. */
    public ObjectNode page(List<Asset> all) {
        Comparator<Asset> order =
                Comparator.comparing((Asset asset) -> asset.times().created()).thenComparing(Asset::id);
        List<Asset> matching = all.stream()
                .filter(this::matches)
                .sorted(descending ? order.reversed() : order)
                .toList();
        int start = Math.min(offset + position(matching), matching.size());
        List<Asset> page = matching.subList(start, Math.min(start + limit, matching.size()));
        boolean more = start + page.size() < matching.size();
        ObjectNode body = Json.object();
        var list = body.putArray("assets");
        page.forEach(asset -> list.add(AssetViews.whole(asset)));
        body.put("total", matching.size()).put("has_more", more);
        if (more && !page.isEmpty()) {
            body.put("next_cursor", cursor(page.getLast()));
        }
        return body;
    }

    /** Whether an asset is one of those asked for. */
    public boolean matches(Asset asset) {
        return asset.tags().containsAll(included)
                && asset.tags().stream().noneMatch(excluded::contains)
                && asset.name().contains(nameContains);
    }

    /** How many come up to and with the one that the cursor names. */
    private int position(List<Asset> matching) {
        String id = cursorId();
        if (id.isEmpty()) {
            return 0;
        }
        for (int i = 0; i < matching.size(); i++) {
            if (matching.get(i).id().equals(id)) {
                return i + 1;
            }
        }
        return 0;
    }

    private String cursorId() {
        if (after == null) {
            return "";
        }
        try {
            JsonNode cursor = Json.parse(Base64.getUrlDecoder().decode(after));
            return cursor.path("id").asString("");
        } catch (IllegalArgumentException | JacksonException e) {
            return "";
        }
    }

    private String cursor(Asset last) {
        ObjectNode cursor = Json.object()
                .put("s", "created_at")
                .put(
                        "v",
                        Long.toString(ChronoUnit.MICROS.between(
                                Instant.EPOCH, last.times().created())))
                .put("id", last.id())
                .put("o", descending ? "desc" : "asc");
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Json.text(cursor).getBytes(StandardCharsets.UTF_8));
    }
}
