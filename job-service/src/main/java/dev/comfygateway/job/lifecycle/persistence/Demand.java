package dev.comfygateway.job.lifecycle.persistence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the choice of a worker depends on. Written once.
 *
 * @param submittedBy key that sent the job
 * @param needsId what a worker must have, or null when nothing is known
 * @param needs the same as JSON, or null when it is not to be written
 * @param models model files the graph uses
 * @param vramMb GPU memory it needs in MiB, or null when nobody said
 * @param estimatedSeconds how long it runs by experience
 * @param deviation how far from that it may well be, in seconds
 * @param experience runs that the estimate was learned from; 0 for a guess
 * @param shape what experience with it is filed under
 */
public record Demand(
        String submittedBy,
        @Nullable String needsId,
        @Nullable String needs,
        List<String> models,
        @Nullable Integer vramMb,
        double estimatedSeconds,
        double deviation,
        int experience,
        String shape) {
    public Demand {
        models = List.copyOf(models);
    }

    /** How long it runs by experience, or null when that is a guess. */
    public @Nullable Double learnedSeconds() {
        return experience == 0 ? null : estimatedSeconds;
    }
}
