package dev.comfygateway.job.needs;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.job.needs.PoolWorkers.Gpu;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares needs with what a worker has. What is not known of a worker counts as there: ComfyUI itself has the last word. */
public final class NeedsMatcher {

    private NeedsMatcher() {}

    /**
     * What is missing.
     *
     * @param nodeClasses classes that are not installed
     * @param models {@code Class.input} to files that cannot be chosen there
     * @param vram whether the GPU has less memory than asked for
     * @param gpu whether it is another GPU than asked for
     */
    public record Missing(
            NavigableSet<String> nodeClasses,
            NavigableMap<String, NavigableSet<String>> models,
            boolean vram,
            boolean gpu) {

        public Missing {
            nodeClasses = new TreeSet<>(nodeClasses);
            models = new TreeMap<>(models);
        }

        public boolean nothing() {
            return nodeClasses.isEmpty() && models.isEmpty() && !vram && !gpu;
        }

        int count() {
            return nodeClasses.size()
                    + models.values().stream().mapToInt(NavigableSet::size).sum()
                    + (vram ? 1 : 0)
                    + (gpu ? 1 : 0);
        }
    }

    /**
     * What a worker lacks.
     *
     * @param inventory or null while unknown
     * @param gpu its GPU
     */
    public static Missing missing(Needs needs, @Nullable WorkerInventory inventory, Gpu gpu) {
        NavigableSet<String> classes = new TreeSet<>();
        NavigableMap<String, NavigableSet<String>> models = new TreeMap<>();
        if (inventory != null) {
            needs.nodeClasses().stream()
                    .filter(name -> !inventory.nodeClasses().contains(name))
                    .forEach(classes::add);
            needs.models().forEach((place, files) -> {
                List<String> choices = inventory.modelInputs().get(place);
                if (choices != null) {
                    Collection<String> there =
                            choices.stream().map(NeedsMatcher::path).toList();
                    NavigableSet<String> absent = new TreeSet<>(files);
                    absent.removeIf(file -> there.contains(path(file)));
                    if (!absent.isEmpty()) {
                        models.put(place, absent);
                    }
                }
            });
        }
        boolean vram = needs.vramMb() != null && gpu.vramTotalMb() != null && needs.vramMb() > gpu.vramTotalMb();
        boolean otherGpu = needs.gpu() != null
                && gpu.device() != null
                && !gpu.device().toLowerCase(Locale.ROOT).contains(needs.gpu());
        return new Missing(classes, models, vram, otherGpu);
    }

    /** Servers on Windows list models in subfolders with the other slash. */
    private static String path(String file) {
        return file.replace('\\', '/');
    }
}
