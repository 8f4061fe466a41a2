package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.assets.AssetIds;
import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.NodeDefinitions;
import dev.comfygateway.simulator.node.Expansion;
import dev.comfygateway.simulator.node.Interrupted;
import dev.comfygateway.simulator.node.NodeCall;
import dev.comfygateway.simulator.node.NodeCatalog;
import dev.comfygateway.simulator.node.NodeFailure;
import dev.comfygateway.simulator.node.NodeOutcome;
import dev.comfygateway.simulator.node.NodeValue;
import dev.comfygateway.simulator.queue.PromptItem;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** The state of one prompt while it runs. */
final class PromptRun {

    private static final Logger log = LoggerFactory.getLogger(PromptRun.class);

    /** A node that has begun: what it will give, and when. */
    private record Sleeper(NodeOutcome outcome, long wakesAt) {}

    private final PromptItem item;
    private final RunGraph graph;
    private final PromptEvents events;
    private final BooleanSupplier stop;
    private final NodeDefinitions definitions;
    private final NodeCatalog catalog;
    private final AssetIds assets;
    private final FaultHooks faults;
    private final CacheKeys keys;
    private final NodeCache cache;
    private final NodeOrder order;
    private final Map<String, NodeOutcome> outcomes = new HashMap<>();
    private final Map<String, ObjectNode> outputs = new LinkedHashMap<>();
    private final List<String> executed = new ArrayList<>();
    /** Nodes that did not run because they, or something above them, were blocked. */
    private final Set<String> unreached = new HashSet<>();

    private final Map<String, Expansion> expanded = new HashMap<>();
    private final Map<String, Sleeper> sleepers = new LinkedHashMap<>();

    PromptRun(
            PromptItem item,
            ObjectNode sent,
            PromptEvents events,
            BooleanSupplier stop,
            NodeDefinitions definitions,
            NodeCatalog catalog,
            AssetIds assets,
            FaultHooks faults,
            CacheKeys keys,
            NodeCache cache) {
        this.item = item;
        this.graph = new RunGraph(sent);
        this.events = events;
        this.stop = stop;
        this.definitions = definitions;
        this.catalog = catalog;
        this.assets = assets;
        this.faults = faults;
        this.keys = keys;
        this.cache = cache;
        this.order = new NodeOrder(graph, definitions, id -> outcomes.containsKey(id) && !isRequested(id));
        events.describeBy(graph::identity);
    }

    /** A requested node is told even when it was cached, so it takes its turn. */
    private boolean isRequested(String id) {
        return item.outputs().contains(id) && !executed.contains(id);
    }

    /** False when the prompt ended before its end. */
    boolean execute() {
        events.started();
        keys.needed(item.outputs()).forEach(id -> {
            NodeOutcome known = cache.get(keys.of(id));
            if (known != null) {
                outcomes.put(id, known);
            }
        });
        events.cached(graph.sent().propertyNames().stream()
                .filter(outcomes::containsKey)
                .toList());
        item.outputs().forEach(order::add);
        while (!order.isDone()) {
            String id = order.next();
            if (id == null) {
                awaitSleeper();
            } else if (!turn(id)) {
                return false;
            }
            wakeSleepers();
        }
        events.keep("execution_success", Json.object().put("prompt_id", item.id()), false);
        return true;
    }

    /** What the user interface sees of each node. */
    Map<String, ObjectNode> outputs() {
        return outputs;
    }

    ObjectNode meta() {
        ObjectNode meta = Json.object();
        outputs.keySet().forEach(id -> meta.set(id, graph.identity(id).meta()));
        return meta;
    }

    /** A node's turn: to start, or to end after others did its work. False when the prompt ends here. */
    private boolean turn(String id) {
        Sleeper sleeper = sleepers.remove(id);
        Expansion expansion = expanded.remove(id);
        if (sleeper != null) {
            finish(id, sleeper.outcome());
            return true;
        }
        if (expansion != null) {
            finish(id, new NodeOutcome(results(expansion), null));
            return true;
        }
        NodeOutcome known = outcomes.get(id);
        if (known != null) {
            faults.nodeDone(item.id(), id, known.ui());
            events.executed(id, known.ui());
            if (known.ui() != null) {
                outputs.put(id, known.ui());
            }
            events.nodeFinished(id);
            order.finished(id);
            return true;
        }
        return start(id);
    }

    private boolean start(String id) {
        events.nodeStarted(id);
        try {
            checkStop();
            String blocked = faults.nodeStarting(item.id(), id);
            NodeOutcome outcome = blocked == null ? call(id) : blocked(id, blocked);
            if (outcome.expansion() != null) {
                expand(id, outcome.expansion());
            } else if (outcome.delay().isPositive()) {
                sleepers.put(
                        id,
                        new Sleeper(outcome, System.nanoTime() + outcome.delay().toNanos()));
                order.sleep(id);
            } else {
                finish(id, outcome);
            }
            return true;
        } catch (Interrupted e) {
            events.keep("execution_interrupted", failure(id), true);
        } catch (NodeFailure e) {
            events.keep("execution_error", error(id, e), false);
        } catch (CancellationException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            log.warn("node failed unexpectedly prompt.id={} node={}", item.id(), id, e);
            events.keep("execution_error", error(id, new NodeFailure("RuntimeError", e.toString())), false);
        }
        return false;
    }

    private void finish(String id, NodeOutcome outcome) {
        assets.mark(outcome.ui(), item.id());
        faults.nodeDone(item.id(), id, outcome.ui());
        outcomes.put(id, outcome);
        if (!unreached.contains(id) && graph.isSent(id)) {
            cache.put(keys.of(id), outcome);
        }
        if (outcome.ui() != null) {
            outputs.put(id, outcome.ui());
            events.executed(id, outcome.ui());
        }
        executed.add(id);
        events.nodeFinished(id);
        order.finished(id);
    }

    private void expand(String id, Expansion expansion) {
        expansion.nodes().forEach((added, node) -> graph.add(id, added, node));
        expanded.put(id, expansion);
        expansion.nodes().keySet().stream()
                .filter(added -> definitions.isOutput(graph.nodeClass(added)))
                .forEach(order::add);
        expansion.results().forEach(result -> order.addWait(id, result));
    }

    private List<NodeValue> results(Expansion expansion) {
        List<NodeValue> values = new ArrayList<>();
        for (String result : expansion.results()) {
            NodeOutcome outcome = outcomes.get(result);
            if (outcome != null) {
                values.add(outcome.values().getFirst());
            }
        }
        return values;
    }

    private void awaitSleeper() {
        long first =
                sleepers.values().stream().mapToLong(Sleeper::wakesAt).min().orElseThrow();
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, first - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("the worker thread shall end");
        }
    }

    private void wakeSleepers() {
        long now = System.nanoTime();
        sleepers.forEach((id, sleeper) -> {
            if (sleeper.wakesAt() <= now) {
                order.wake(id);
            }
        });
    }

    private NodeOutcome call(String id) throws NodeFailure, Interrupted, IOException {
        ObjectNode literals = Json.object();
        Map<String, NodeValue> links = new HashMap<>();
        for (var input : graph.inputs(id).properties()) {
            if (CacheKeys.isLink(input.getValue())) {
                NodeOutcome source = outcomes.get(input.getValue().get(0).stringValue());
                int slot = input.getValue().get(1).asInt();
                if (source != null) {
                    int index = slot < 0 ? source.values().size() + slot : slot;
                    links.put(input.getKey(), source.values().get(index));
                }
            } else {
                literals.set(input.getKey(), input.getValue());
            }
        }
        for (NodeValue value : links.values()) {
            if (value instanceof NodeValue.Blocked blocked) {
                if (blocked.message() != null) {
                    events.blocked(failure(id), blocked.message());
                }
                return blocked(id, null);
            }
        }
        NodeCall.Progress progress = new NodeProgress(id, events, this::checkStop);
        NodeCall call = new NodeCall(id, literals, links, graph.sent(), item.extraData(), progress);
        return catalog.runner(graph.nodeClass(id)).run(withInputs(call, id));
    }

    /** A node that puts others into its place hands its own links on to them. */
    private NodeCall withInputs(NodeCall call, String id) {
        graph.inputs(id).properties().forEach(input -> {
            if (CacheKeys.isLink(input.getValue())) {
                call.literals().set(NodeCall.LINK + input.getKey(), input.getValue());
            }
        });
        return call;
    }

    private NodeOutcome blocked(String id, @Nullable String message) {
        unreached.add(id);
        int slots = definitions.outputs(graph.nodeClass(id));
        return new NodeOutcome(Collections.nCopies(slots, new NodeValue.Blocked(message)), null);
    }

    private void checkStop() throws Interrupted {
        if (Thread.currentThread().isInterrupted()) {
            throw new CancellationException("the worker thread shall end");
        }
        if (stop.getAsBoolean()) {
            throw new Interrupted();
        }
    }

    /** Errors name the node that the client sent. */
    private ObjectNode failure(String id) {
        String shown = graph.identity(id).display();
        ObjectNode data = Json.object()
                .put("prompt_id", item.id())
                .put("node_id", shown)
                .put("node_type", graph.nodeClass(shown));
        data.set("executed", Json.strings(executed));
        return data;
    }

    private ObjectNode error(String id, NodeFailure failure) {
        ObjectNode data = failure(id);
        List<String> all = new ArrayList<>(graph.sent().propertyNames());
        all.addAll(graph.added());
        ErrorReports.complete(data, failure, graph.inputs(id), all);
        return data;
    }
}
