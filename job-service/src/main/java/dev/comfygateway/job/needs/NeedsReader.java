package dev.comfygateway.job.needs;

import dev.comfygateway.contract.worker.WorkerInventory;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads from a graph what it needs. Which inputs name a model file is what the known workers say; while none is known,
 * a text that ends like a model file is taken for one.
 */
public final class NeedsReader {

    /** Endings under which ComfyUI's folders list models. */
    private static final List<String> MODEL_ENDINGS =
            List.of(".safetensors", ".sft", ".ckpt", ".pt", ".pt2", ".pth", ".bin", ".gguf", ".onnx", ".pkl");

    private static final int MIB_PER_GIB = 1024;

    private NeedsReader() {}

    /** The needs of a graph whose shape is right. */
    public static Needs read(
            Map<String, Object> graph,
            Collection<WorkerInventory> known,
            @Nullable Integer vramMb,
            @Nullable String gpu) {
        NavigableSet<String> classes = new TreeSet<>();
        NavigableMap<String, NavigableSet<String>> models = new TreeMap<>();
        graph.values().forEach(value -> {
            if (!(value instanceof Map<?, ?> node) || !(node.get("class_type") instanceof String nodeClass)) {
                return;
            }
            classes.add(nodeClass);
            if (node.get("inputs") instanceof Map<?, ?> inputs) {
                inputs.forEach((name, input) -> {
                    String place = nodeClass + "." + name;
                    if (input instanceof String file && namesModel(place, file, known)) {
                        models.computeIfAbsent(place, key -> new TreeSet<>()).add(file);
                    }
                });
            }
        });
        return new Needs(
                classes,
                models,
                vramMb == null ? null : whole(vramMb),
                gpu == null ? null : gpu.toLowerCase(Locale.ROOT));
    }

    /** In whole GiB, or every job could have needs of its own. */
    private static int whole(int vramMb) {
        return (vramMb + MIB_PER_GIB - 1) / MIB_PER_GIB * MIB_PER_GIB;
    }

    private static boolean namesModel(String place, String file, Collection<WorkerInventory> known) {
        if (known.stream().anyMatch(inventory -> inventory.modelInputs().containsKey(place))) {
            return true;
        }
        String lower = file.toLowerCase(Locale.ROOT);
        return known.isEmpty() && MODEL_ENDINGS.stream().anyMatch(lower::endsWith);
    }
}
