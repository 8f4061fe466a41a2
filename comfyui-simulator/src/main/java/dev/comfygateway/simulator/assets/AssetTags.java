package dev.comfygateway.simulator.assets;

import dev.comfygateway.simulator.graph.Json;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Tags and how often they occur. */
public final class AssetTags {

    /** Tags that exist before any asset has them. */
    private static final List<String> BUILT_IN = List.of(
            "checkpoints",
            "classifiers",
            "clip_vision",
            "configs",
            "controlnet",
            "decoder",
            "diffusers",
            "diffusion_models",
            "embeddings",
            "encoder",
            "gligen",
            "hypernetworks",
            "input",
            "loras",
            "missing",
            "models",
            "output",
            "photomaker",
            "rescan",
            "style_models",
            "text_encoders",
            "upscale_models",
            "vae",
            "vae_approx");

    private AssetTags() {}

    /** All tags, the most frequent first. */
    public static ObjectNode list(List<Asset> assets) {
        Map<String, Integer> counts = new TreeMap<>();
        BUILT_IN.forEach(tag -> counts.put(tag, 0));
        count(assets, counts);
        ObjectNode body = Json.object();
        ArrayNode tags = body.putArray("tags");
        counts.entrySet().stream()
                .sorted(byCount())
                .forEach(entry -> tags.addObject().put("name", entry.getKey()).put("count", entry.getValue()));
        return body.put("total", counts.size()).put("has_more", false);
    }

    /** The tags of some assets, the most frequent first. */
    public static ObjectNode refined(List<Asset> assets) {
        Map<String, Integer> counts = new TreeMap<>();
        count(assets, counts);
        ObjectNode body = Json.object();
        ObjectNode tags = body.putObject("tag_counts");
        counts.entrySet().stream().sorted(byCount()).forEach(entry -> tags.put(entry.getKey(), entry.getValue()));
        return body;
    }

    private static void count(List<Asset> assets, Map<String, Integer> counts) {
        assets.forEach(asset -> asset.tags().forEach(tag -> counts.merge(tag, 1, Integer::sum)));
    }

    private static Comparator<Map.Entry<String, Integer>> byCount() {
        return Map.Entry.<String, Integer>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey());
    }
}
