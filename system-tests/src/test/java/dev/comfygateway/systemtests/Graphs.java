package dev.comfygateway.systemtests;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Graphs that need no model weights, so that a real ComfyUI runs them too. */
final class Graphs {

    private static final AtomicInteger COLORS = new AtomicInteger();

    private Graphs() {}

    /** A color that no job of this run has had, so that ComfyUI knows nothing of it. */
    static int newColor() {
        return COLORS.incrementAndGet();
    }

    /** EmptyImage, ImageInvert, SaveImage. */
    static Map<String, Object> invert(int width, int height, int color) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", node("EmptyImage", Map.of("width", width, "height", height, "batch_size", 1, "color", color)));
        graph.put("2", node("ImageInvert", Map.of("image", List.of("1", 0))));
        graph.put("3", save("2"));
        return graph;
    }

    /**
     * EmptyImage, four steps of 50 ms, SaveImage: 200 ms without any computing. The node in the middle exists in the
     * simulator only.
     */
    static Map<String, Object> fifthOfASecond(int color) {
        return steps(4, 0.05, false, color);
    }

    /** Steps of 100 ms, each of which shows a picture. In the simulator only. */
    static Map<String, Object> previewing(int steps, int color) {
        return steps(steps, 0.1, true, color);
    }

    /** Steps of 100 ms each. In the simulator only. */
    static Map<String, Object> slow(int steps, int color) {
        return steps(steps, 0.1, false, color);
    }

    /** A node that raises an exception. In the simulator only. */
    static Map<String, Object> failing(int color) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", node("EmptyImage", Map.of("width", 64, "height", 64, "batch_size", 1, "color", color)));
        graph.put("2", node("ProbeFail", Map.of("image", List.of("1", 0), "kind", "value_error")));
        graph.put("3", save("2"));
        return graph;
    }

    private static Map<String, Object> steps(int steps, double seconds, boolean preview, int color) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", node("EmptyImage", Map.of("width", 64, "height", 64, "batch_size", 1, "color", color)));
        graph.put(
                "2",
                node(
                        "ProbeSlow",
                        Map.of(
                                "image",
                                List.of("1", 0),
                                "steps",
                                steps,
                                "delay",
                                seconds,
                                "preview",
                                preview,
                                "seed",
                                color)));
        graph.put("3", save("2"));
        return graph;
    }

    /** LoadImage of an uploaded asset, ImageScale, SaveImage. */
    static Map<String, Object> scale(String assetId, int width, int height) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", node("LoadImage", Map.of("image", assetId)));
        graph.put(
                "2",
                node(
                        "ImageScale",
                        Map.of(
                                "image",
                                List.of("1", 0),
                                "upscale_method",
                                "nearest-exact",
                                "width",
                                width,
                                "height",
                                height,
                                "crop",
                                "disabled")));
        graph.put("3", save("2"));
        return graph;
    }

    private static Map<String, Object> save(String images) {
        return node("SaveImage", Map.of("images", List.of(images, 0), "filename_prefix", "picture"));
    }

    private static Map<String, Object> node(String classType, Map<String, Object> inputs) {
        return Map.of("class_type", classType, "inputs", inputs);
    }
}
