package dev.comfygateway.simulator.models;

import dev.comfygateway.simulator.Dialect;
import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The kinds of models, where their files would be, and the files that are there. */
@Component
public class ModelFolders {

    private static final List<String> WEIGHTS =
            List.of(".bin", ".ckpt", ".pkl", ".pt", ".pt2", ".pth", ".safetensors", ".sft");
    private static final Set<String> NOT_IN_BROWSER = Set.of("configs", "custom_nodes");

    /** The kinds in the order of their list. */
    private static final List<String> KINDS = List.of(
            "checkpoints",
            "configs",
            "loras",
            "vae",
            "text_encoders",
            "diffusion_models",
            "clip_vision",
            "style_models",
            "embeddings",
            "diffusers",
            "vae_approx",
            "controlnet",
            "gligen",
            "upscale_models",
            "latent_upscale_models",
            "custom_nodes",
            "datasets",
            "hypernetworks",
            "photomaker",
            "classifiers",
            "model_patches",
            "audio_encoders",
            "background_removal",
            "frame_interpolation",
            "geometry_estimation",
            "optical_flow",
            "detection");

    private static final Set<String> NEWER = Set.of(
            "latent_upscale_models",
            "datasets",
            "background_removal",
            "frame_interpolation",
            "geometry_estimation",
            "optical_flow",
            "detection");

    private final Map<String, Kind> kinds = new LinkedHashMap<>();
    private final List<String> checkpoints;

    /**
     * A kind of models.
     *
     * @param name its name
     * @param folders where its files may be
     * @param extensions how their names end
     */
    public record Kind(String name, List<Path> folders, List<String> extensions) {

        /** Copies the lists. */
        public Kind {
            folders = List.copyOf(folders);
            extensions = List.copyOf(extensions);
        }
    }

    /**
     * A file of a kind.
     *
     * @param name its path below the folder
     * @param folder the number of the folder
     * @param file where it is; null when the simulator only claims to have it
     */
    public record Model(String name, int folder, @Nullable Path file) {}

    ModelFolders(Folders folders, SimulatorProperties properties) {
        Dialect dialect = properties.dialect();
        this.checkpoints = properties.checkpoints().stream().sorted().toList();
        for (String kind : KINDS) {
            if (!dialect.isOld() || !NEWER.contains(kind)) {
                kinds.put(kind, new Kind(kind, paths(folders.base(), kind), extensions(kind)));
            }
        }
    }

    private static List<Path> paths(Path base, String kind) {
        Path models = base.resolve("models");
        Path output = base.resolve("output");
        return switch (kind) {
            case "checkpoints", "loras", "vae" -> List.of(models.resolve(kind), output.resolve(kind));
            case "text_encoders" -> List.of(models.resolve(kind), models.resolve("clip"), output.resolve("clip"));
            case "diffusion_models" -> List.of(models.resolve("unet"), models.resolve(kind), output.resolve(kind));
            case "controlnet" -> List.of(models.resolve(kind), models.resolve("t2i_adapter"));
            case "custom_nodes", "datasets" -> List.of(base.resolve(kind));
            default -> List.of(models.resolve(kind));
        };
    }

    private static List<String> extensions(String kind) {
        return switch (kind) {
            case "configs" -> List.of(".yaml");
            case "diffusers" -> List.of("folder");
            case "classifiers" -> List.of("");
            case "custom_nodes", "datasets" -> List.of();
            default -> WEIGHTS;
        };
    }

    /** All kinds. */
    public List<Kind> kinds() {
        return List.copyOf(kinds.values());
    }

    /** Those that the model browser shows. */
    public List<Kind> browsable() {
        return kinds.values().stream()
                .filter(kind -> !NOT_IN_BROWSER.contains(kind.name()))
                .toList();
    }

    /** The kind of that name, or null. */
    public @Nullable Kind kind(String name) {
        return kinds.get(name);
    }

    /** The files of a kind, sorted by name; of checkpoints also those that the simulator claims to have. */
    public List<Model> files(Kind kind) throws IOException {
        Map<String, Model> found = new LinkedHashMap<>();
        for (int i = 0; i < kind.folders().size(); i++) {
            Path folder = kind.folders().get(i);
            for (Path file : below(folder)) {
                String name = folder.relativize(file).toString();
                if (matches(kind, name)) {
                    found.putIfAbsent(name, new Model(name, i, file));
                }
            }
        }
        if (kind.name().equals("checkpoints")) {
            checkpoints.forEach(name -> found.putIfAbsent(name, new Model(name, 0, null)));
        }
        List<Model> models = new ArrayList<>(found.values());
        models.sort(Comparator.comparing(Model::name));
        return models;
    }

    /** A file of a kind by its name, or null; names that lead out of the folders find nothing. */
    public @Nullable Path find(String kindName, String name) {
        Kind kind = kinds.get(kindName);
        if (kind == null) {
            return null;
        }
        for (Path folder : kind.folders()) {
            Path file = Folders.inside(folder, name);
            if (file != null && Files.isRegularFile(file)) {
                return file;
            }
        }
        return null;
    }

    private static List<Path> below(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(folder, 10)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    private static boolean matches(Kind kind, String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return kind.extensions().isEmpty()
                || kind.extensions().stream().anyMatch(extension -> lower.endsWith(extension));
    }
}
