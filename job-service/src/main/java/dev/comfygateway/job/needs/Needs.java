package dev.comfygateway.job.needs;

import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a graph needs of a worker.
 *
 * @param nodeClasses node classes it uses
 * @param models {@code Class.input} to the model files named there
 * @param vramMb GPU memory it needs in MiB, or null when nobody said
 * @param gpu part of the name of the GPU it asks for, in lower case, or null for any
 */
public record Needs(
        NavigableSet<String> nodeClasses,
        NavigableMap<String, NavigableSet<String>> models,
        @Nullable Integer vramMb,
        @Nullable String gpu) {

    public Needs {
        nodeClasses = new TreeSet<>(nodeClasses);
        models = new TreeMap<>(models);
    }

    /** Every model file, by name. */
    public NavigableSet<String> files() {
        NavigableSet<String> files = new TreeSet<>();
        models.values().forEach(files::addAll);
        return files;
    }
}
