package dev.comfygateway.job.usage;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What experience with a graph is filed under: its classes and models, and how much work it says to be. Two prompts that
 * differ in their texts and seeds only have the same shape.
 */
public final class Shapes {

    private Shapes() {}

    /** From the most to the least similar. */
    public static List<String> of(Map<String, Object> graph, NavigableSet<String> models) {
        NavigableSet<String> parts = new TreeSet<>(models);
        double pixels = 0;
        double steps = 0;
        for (Object value : graph.values()) {
            if (value instanceof Map<?, ?> node && node.get("inputs") instanceof Map<?, ?> inputs) {
                parts.add("class " + node.get("class_type"));
                steps += number(inputs, "steps", 0);
                pixels = Math.max(
                        pixels,
                        number(inputs, "width", 0)
                                * number(inputs, "height", 0)
                                * Math.max(1, number(inputs, "batch_size", 1))
                                * Math.max(1, number(inputs, "length", 1)));
            }
        }
        String kind = hash(parts);
        // In steps of the square root of two: finer would never see the same work twice.
        long work = Math.round(2 * Math.log(Math.max(1, steps) * Math.max(1, pixels)) / Math.log(2));
        return List.of(kind + ":" + work, kind);
    }

    private static double number(Map<?, ?> inputs, String name, double otherwise) {
        return inputs.get(name) instanceof Number number && Double.isFinite(number.doubleValue())
                ? number.doubleValue()
                : otherwise;
    }

    private static String hash(NavigableSet<String> parts) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", parts).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
