package dev.comfygateway.job.workflow;

import dev.comfygateway.contract.claim.Grant.InputUse;
import dev.comfygateway.id.Ids;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Finds the uploaded assets that a graph names. */
public final class AssetReferences {

    /** Inputs that name a file, so that anything but an asset would reach into the server's own folders. */
    private static final Map<String, String> FILE_INPUTS = Map.of(
            "LoadImage", "image",
            "LoadImageMask", "image",
            "LoadImageOutput", "image",
            "LoadVideo", "file",
            "LoadAudio", "audio",
            "LoadLatent", "latent",
            "Load3D", "model_file");

    private AssetReferences() {}

    /**
     * The assets of a graph whose shape is right, with the inputs that use them; in the order of the graph. Adds a
     * finding for each file input that names something else.
     */
    public static Map<String, List<InputUse>> find(Map<String, Object> graph, String pointer, Findings findings) {
        Map<String, List<InputUse>> found = new LinkedHashMap<>();
        graph.forEach((id, value) -> {
            if (!(value instanceof Map<?, ?> node) || !(node.get("inputs") instanceof Map<?, ?> inputs)) {
                return;
            }
            String fileInput = FILE_INPUTS.get(String.valueOf(node.get("class_type")));
            inputs.forEach((key, input) -> {
                String name = String.valueOf(key);
                if (input instanceof String text && Ids.isAssetId(text)) {
                    found.computeIfAbsent(text, asset -> new ArrayList<>()).add(new InputUse(id, name));
                } else if (name.equals(fileInput) && !(input instanceof List<?>)) {
                    findings.add(
                            pointer + Findings.step(id) + "/inputs" + Findings.step(name),
                            "must be the id of an uploaded asset (as_…)");
                }
            });
        });
        return found;
    }
}
