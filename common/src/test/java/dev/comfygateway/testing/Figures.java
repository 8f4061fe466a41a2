package dev.comfygateway.testing;

import java.util.List;

/** Ranks of measured values. */
public final class Figures {

    private Figures() {}

    /** The smallest value that at least so many percent of the values do not exceed; 0 when there are none. */
    public static double percentile(List<Double> values, int percent) {
        List<Double> sorted = values.stream().sorted().toList();
        return sorted.isEmpty()
                ? 0
                : sorted.get(Math.max(
                        0, Math.min(sorted.size() - 1, (int) Math.ceil(sorted.size() * percent / 100.0) - 1)));
    }

    public static double median(List<Double> values) {
        return percentile(values, 50);
    }
}
