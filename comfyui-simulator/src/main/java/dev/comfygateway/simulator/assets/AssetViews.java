package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.graph.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.databind.node.ObjectNode;

/** Assets as answers show them. */
public final class AssetViews {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private AssetViews() {}

    /** All that is known; what is not is left out. */
    public static ObjectNode whole(Asset asset) {
        ObjectNode view = Json.object().put("id", asset.id()).put("name", asset.name());
        if (asset.hash() != null) {
            view.put("hash", asset.hash());
        }
        if (!asset.path().isEmpty()) {
            view.put("loader_path", asset.path()).put("display_name", asset.path());
        }
        if (asset.hash() != null) {
            view.put("asset_hash", asset.hash());
        }
        view.put("size", asset.size()).put("mime_type", asset.contentType());
        view.set("tags", Json.strings(asset.tags()));
        if (!asset.path().isEmpty()) {
            view.put("preview_url", previewUrl(asset));
        }
        view.set("user_metadata", asset.userMetadata());
        view.put("is_immutable", false);
        view.set("metadata", metadata(asset));
        if (asset.promptId() != null) {
            view.put("job_id", asset.promptId()).put("prompt_id", asset.promptId());
        }
        return view.put("created_at", text(asset.times().created()))
                .put("updated_at", text(asset.times().updated()))
                .put("last_access_time", text(asset.times().read()));
    }

    /** The few facts in the answer to an upload. */
    static ObjectNode brief(Asset asset) {
        ObjectNode view = Json.object()
                .put("id", asset.id())
                .put("name", asset.name())
                .put("asset_hash", asset.hash())
                .put("size", asset.size())
                .put("mime_type", asset.contentType());
        view.set("tags", Json.strings(asset.tags()));
        return view;
    }

    private static ObjectNode metadata(Asset asset) {
        ObjectNode metadata = Json.object();
        if (asset.described() && !asset.path().isEmpty()) {
            int dot = asset.path().lastIndexOf('.');
            metadata.put("filename", asset.path())
                    .put("content_length", asset.size())
                    .put("format", asset.path().substring(dot + 1).toLowerCase(Locale.ROOT))
                    .put("file_path", asset.file().toString())
                    .put("content_type", asset.contentType());
        }
        if (asset.width() > 0) {
            metadata.put("kind", "image").put("width", asset.width()).put("height", asset.height());
        }
        return metadata;
    }

    private static String previewUrl(Asset asset) {
        int slash = asset.path().lastIndexOf('/');
        String url = "/api/view?type=" + asset.type() + "&filename="
                + encoded(asset.path().substring(slash + 1));
        return slash < 0 ? url : url + "&subfolder=" + encoded(asset.path().substring(0, slash));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String text(Instant time) {
        return TIME.format(time);
    }
}
