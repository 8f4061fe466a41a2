package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.worker.reporting.AttemptReporter;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Turns ComfyUI's messages about one prompt into reports: each node starts and ends once, the fraction never falls,
 * steps are sent about four times a second. Used by one thread.
 */
final class ProgressTracker {

    private static final long STEP_INTERVAL_NANOS = 250_000_000;

    private final Map<String, Object> graph;
    private final Set<String> needed;
    private final String promptId;
    private final AttemptReporter reporter;
    private final DoubleConsumer onFraction;
    private final LongSupplier nanoTime;
    private final Set<String> done = new HashSet<>();
    private final Set<String> cached = new HashSet<>();
    private final Set<String> running = new LinkedHashSet<>();
    private boolean started;
    private boolean statesSeen;
    private double fraction;
    private @Nullable Long lastStepAt;

    /**
     * @param graph as submitted
     * @param outputClasses classes that produce results, or empty while unknown: then every node counts
     * @param onFraction told about every new fraction
     */
    ProgressTracker(
            Map<String, Object> graph,
            Collection<String> outputClasses,
            String promptId,
            AttemptReporter reporter,
            DoubleConsumer onFraction,
            LongSupplier nanoTime) {
        this.graph = graph;
        this.needed = needed(graph, outputClasses);
        this.promptId = promptId;
        this.reporter = reporter;
        this.onFraction = onFraction;
        this.nanoTime = nanoTime;
    }

    boolean started() {
        return started;
    }

    /** Nodes that need not run because their result is known. */
    Set<String> cachedNodes() {
        return Set.copyOf(cached);
    }

    /** ComfyUI runs the prompt, however that was learned. */
    void start() {
        if (!started) {
            started = true;
            NodeCount count = count();
            reporter.report((attempt, n, at) -> new AttemptReport.ExecutionStarted(attempt, n, at, promptId, count));
        }
    }

    void apply(String type, JsonNode data) {
        switch (type) {
            case "execution_start" -> start();
            case "execution_cached" -> {
                start();
                for (JsonNode node : data.path("nodes")) {
                    String id = node.asString("");
                    if (graph.containsKey(id) && cached.add(id)) {
                        finish(id, true);
                    }
                }
            }
            case "executing" -> executing(data);
            case "progress" -> step(data);
            case "progress_state" -> states(data);
            default -> {
                // the others say nothing about progress
            }
        }
    }

    /** The prompt ended well: what still counts as running has ended too. */
    void completed() {
        start();
        for (String id : Set.copyOf(running)) {
            finish(id, false);
        }
    }

    private void executing(JsonNode data) {
        JsonNode node = data.path("node");
        if (!node.isString()) {
            return;
        }
        start();
        String id = node.asString();
        if (!graph.containsKey(id)) {
            // a node made by expansion; it shows as the one it stands for
            id = data.path("display_node").asString("");
        }
        if (!graph.containsKey(id) || running.contains(id) || done.contains(id)) {
            return;
        }
        if (!statesSeen) {
            // Servers that do not send states tell the end of a node only by the start of the next.
            for (String other : Set.copyOf(running)) {
                finish(other, false);
            }
        }
        running.add(id);
        String started = id;
        NodeCount count = count();
        reporter.report(
                (attempt, n, at) -> new AttemptReport.NodeStarted(attempt, n, at, started, className(started), count));
    }

    private void states(JsonNode data) {
        statesSeen = true;
        start();
        for (Map.Entry<String, JsonNode> entry : data.path("nodes").properties()) {
            String id = entry.getKey();
            if (running.contains(id)
                    && entry.getValue().path("state").asString("").equals("finished")) {
                finish(id, false);
            }
        }
    }

    private void step(JsonNode data) {
        start();
        String id = data.path("node").asString("");
        int steps = data.path("max").asInt(0);
        int step = Math.min(data.path("value").asInt(0), steps);
        if (!graph.containsKey(id) || steps <= 0 || done.contains(id)) {
            return;
        }
        advance((done.size() + (double) step / steps) / Math.max(1, total()));
        long now = nanoTime.getAsLong();
        if (lastStepAt != null && now - lastStepAt < STEP_INTERVAL_NANOS && step < steps) {
            return;
        }
        lastStepAt = now;
        NodeCount count = count();
        double soFar = fraction;
        reporter.report((attempt, n, at) ->
                new AttemptReport.Progressed(attempt, n, at, id, className(id), step, steps, count, soFar));
    }

    private void finish(String id, boolean fromCache) {
        running.remove(id);
        if (done.add(id)) {
            advance((double) done.size() / Math.max(1, total()));
            NodeCount count = count();
            reporter.report((attempt, n, at) ->
                    new AttemptReport.NodeFinished(attempt, n, at, id, className(id), fromCache, count));
        }
    }

    private void advance(double to) {
        double bounded = Math.min(1, to);
        if (bounded > fraction) {
            fraction = bounded;
            onFraction.accept(fraction);
        }
    }

    private NodeCount count() {
        return new NodeCount(done.size(), total());
    }

    private int total() {
        Set<String> all = new HashSet<>(needed);
        all.addAll(done);
        all.addAll(running);
        return all.size();
    }

    private String className(String id) {
        String name = FailureMapper.classOf(graph, id);
        return name == null ? "" : name;
    }

    /** The output nodes and everything they depend on; side branches do not run. */
    private static Set<String> needed(Map<String, Object> graph, Collection<String> outputClasses) {
        Set<String> found = new HashSet<>();
        Deque<String> open = new ArrayDeque<>();
        for (String id : graph.keySet()) {
            String name = FailureMapper.classOf(graph, id);
            if (name != null && outputClasses.contains(name)) {
                open.add(id);
            }
        }
        if (open.isEmpty()) {
            return Set.copyOf(graph.keySet());
        }
        while (!open.isEmpty()) {
            String id = open.remove();
            if (found.add(id)
                    && graph.get(id) instanceof Map<?, ?> node
                    && node.get("inputs") instanceof Map<?, ?> inputs) {
                for (Object value : inputs.values()) {
                    if (value instanceof Collection<?> link
                            && link.size() == 2
                            && link.iterator().next() instanceof String source
                            && graph.containsKey(source)) {
                        open.add(source);
                    }
                }
            }
        }
        return found;
    }
}
