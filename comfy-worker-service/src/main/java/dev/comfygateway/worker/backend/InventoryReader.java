package dev.comfygateway.worker.backend;

import dev.comfygateway.contract.worker.WorkerInventory;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads out of {@code /object_info} what scheduling needs: classes, outputs, file inputs and model files. */
public final class InventoryReader {

    private static final Pattern MODEL_INPUT = Pattern.compile(
            "(ckpt|unet|vae|lora|clip|control_net|controlnet|style_model|gligen|hypernetwork|model|diffusion_model"
                    + "|text_encoder|audio_encoder|upscale_model|ipadapter|photomaker_model|clip_vision)"
                    + "_(name|file)_?\\d*");
    private static final List<String> UPLOAD_FLAGS =
            List.of("image_upload", "video_upload", "audio_upload", "file_upload");

    /** Core classes with an input that names a file and does not say so. */
    private static final Map<String, String> UNFLAGGED_FILES = Map.of("LoadLatent", "latent");

    private InventoryReader() {}

    /** Whether an input of that name chooses a model file. */
    public static boolean isModelInput(String input) {
        return MODEL_INPUT.matcher(input).matches();
    }

    static WorkerInventory read(JsonNode objectInfo) {
        Set<String> classes = new TreeSet<>();
        Set<String> outputs = new TreeSet<>();
        Map<String, List<String>> files = new TreeMap<>();
        Map<String, List<String>> models = new TreeMap<>();
        for (Map.Entry<String, JsonNode> node : objectInfo.properties()) {
            String name = node.getKey();
            JsonNode definition = node.getValue();
            classes.add(name);
            if (definition.path("output_node").asBoolean(false)) {
                outputs.add(name);
            }
            for (String group : List.of("required", "optional")) {
                for (Map.Entry<String, JsonNode> input :
                        definition.path("input").path(group).properties()) {
                    JsonNode spec = input.getValue();
                    if (input.getKey().equals(UNFLAGGED_FILES.get(name))
                            || UPLOAD_FLAGS.stream()
                                    .anyMatch(flag -> spec.path(1).path(flag).asBoolean(false))) {
                        files.computeIfAbsent(name, key -> new ArrayList<>()).add(input.getKey());
                    } else if (isModelInput(input.getKey())) {
                        List<String> options = options(spec);
                        if (options != null) {
                            models.put(name + "." + input.getKey(), options);
                        }
                    }
                }
            }
        }
        return of(classes, outputs, files, models);
    }

    /** What all of them can run. */
    static @Nullable WorkerInventory common(List<WorkerInventory> all) {
        if (all.isEmpty()) {
            return null;
        }
        WorkerInventory first = all.getFirst();
        if (all.stream().allMatch(other -> other.hash().equals(first.hash()))) {
            return first;
        }
        Set<String> classes = new TreeSet<>(first.nodeClasses());
        Set<String> outputs = new TreeSet<>(first.outputClasses());
        Map<String, List<String>> models = new TreeMap<>(first.modelInputs());
        for (WorkerInventory other : all) {
            classes.retainAll(other.nodeClasses());
            outputs.retainAll(other.outputClasses());
            models.replaceAll((input, files) -> files.stream()
                    .filter(other.modelInputs().getOrDefault(input, List.of())::contains)
                    .toList());
        }
        Map<String, List<String>> files = new TreeMap<>(first.fileInputs());
        files.keySet().retainAll(classes);
        models.keySet().removeIf(input -> !classes.contains(input.substring(0, input.lastIndexOf('.'))));
        return of(classes, outputs, files, models);
    }

    private static WorkerInventory of(
            Set<String> classes,
            Set<String> outputs,
            Map<String, List<String>> files,
            Map<String, List<String>> models) {
        StringBuilder content = new StringBuilder();
        content.append(classes)
                .append('\n')
                .append(outputs)
                .append('\n')
                .append(files)
                .append('\n')
                .append(models);
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(content.toString().getBytes(StandardCharsets.UTF_8));
            return new WorkerInventory(HexFormat.of().formatHex(digest), classes, outputs, files, models);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable List<String> options(JsonNode spec) {
        JsonNode type = spec.path(0);
        JsonNode list = type.isArray() ? type : spec.path(1).path("options");
        if (!list.isArray() || (!type.isArray() && !type.asString("").equals("COMBO"))) {
            return null;
        }
        List<String> options = new ArrayList<>();
        for (JsonNode option : list) {
            options.add(option.asString(""));
        }
        return options;
    }
}
