package dev.comfygateway.simulator.run;

import dev.comfygateway.simulator.SimulatorProperties;
import dev.comfygateway.simulator.assets.AssetIds;
import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.graph.Json;
import dev.comfygateway.simulator.graph.NodeDefinitions;
import dev.comfygateway.simulator.node.Interrupted;
import dev.comfygateway.simulator.node.NodeCall;
import dev.comfygateway.simulator.node.NodeCatalog;
import dev.comfygateway.simulator.node.NodeFailure;
import dev.comfygateway.simulator.node.NodeOutcome;
import dev.comfygateway.simulator.node.NodeValue;
import dev.comfygateway.simulator.queue.PromptItem;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Runs one prompt after the other on the worker thread. */
@Component
public class GraphRunner {

    private static final Logger log = LoggerFactory.getLogger(GraphRunner.class);

    private final NodeDefinitions definitions;
    private final NodeCatalog catalog;
    private final Folders folders;
    private final FaultHooks faults;
    private final NodeCache cache;
    private final AssetIds assets;

    GraphRunner(
            NodeDefinitions definitions,
            NodeCatalog catalog,
            Folders folders,
            AssetIds assets,
            FaultHooks faults,
            SimulatorProperties properties) {
        this.assets = assets;
        this.definitions = definitions;
        this.catalog = catalog;
        this.folders = folders;
        this.faults = faults;
        this.cache = new NodeCache(properties.cacheSize().toBytes());
    }

    /** Forgets all cached outcomes. */
    public void dropCache() {
        cache.clear();
    }

    /**
     * Runs a prompt to its end and tells every step.
     *
     * @param item the prompt
     * @param events who hears about it
     * @param stop whether it shall stop; asking resets
     * @return its history entry
     */
    public ObjectNode run(PromptItem item, PromptEvents events, BooleanSupplier stop) {
        Run run = new Run(item, events, stop);
        boolean success = run.execute();
        ObjectNode entry = Json.object();
        entry.set("prompt", item.toHistory());
        ObjectNode outputs = entry.putObject("outputs");
        run.outputs.forEach(outputs::set);
        ObjectNode status = entry.putObject("status");
        status.put("status_str", success ? "success" : "error").put("completed", success);
        status.set("messages", events.kept());
        ObjectNode meta = entry.putObject("meta");
        run.outputs
                .keySet()
                .forEach(id -> meta.putObject(id)
                        .put("node_id", id)
                        .put("display_node", id)
                        .putNull("parent_node")
                        .put("real_node_id", id));
        return entry;
    }

    /** The state of one prompt while it runs. */
    private final class Run {

        private final PromptItem item;
        private final ObjectNode graph;
        private final PromptEvents events;
        private final BooleanSupplier stop;
        private final CacheKeys keys;
        private final Map<String, NodeOutcome> outcomes = new HashMap<>();
        private final Map<String, ObjectNode> outputs = new LinkedHashMap<>();
        private final List<String> executed = new ArrayList<>();
        /** Nodes that did not run because they, or something above them, were blocked. */
        private final Set<String> unreached = new HashSet<>();

        Run(PromptItem item, PromptEvents events, BooleanSupplier stop) {
            this.item = item;
            this.graph = item.graph();
            this.events = events;
            this.stop = stop;
            this.keys = new CacheKeys(graph, folders);
        }

        boolean execute() {
            events.started();
            collectCached();
            events.cached(
                    graph.propertyNames().stream().filter(outcomes::containsKey).toList());
            NodeOrder order =
                    new NodeOrder(graph, item.outputs(), definitions, Set.copyOf(outcomes.keySet())::contains);
            while (!order.isDone()) {
                String id = order.next();
                if (!executeNode(id)) {
                    return false;
                }
                order.finished(id);
            }
            events.keep("execution_success", Json.object().put("prompt_id", item.id()), false);
            return true;
        }

        private void collectCached() {
            Deque<String> stack = new ArrayDeque<>(item.outputs());
            Set<String> seen = new HashSet<>();
            while (!stack.isEmpty()) {
                String id = stack.pop();
                if (!seen.add(id)) {
                    continue;
                }
                NodeOutcome outcome = cache.get(keys.of(id));
                if (outcome != null) {
                    outcomes.put(id, outcome);
                }
                graph.get(id).path("inputs").forEach(value -> {
                    if (CacheKeys.isLink(value)) {
                        stack.push(value.get(0).stringValue());
                    }
                });
            }
        }

        /** False when the prompt ends here. */
        private boolean executeNode(String id) {
            NodeOutcome known = outcomes.get(id);
            if (known != null) {
                faults.nodeDone(item.id(), id, known.ui());
                events.executed(id, known.ui());
                if (known.ui() != null) {
                    outputs.put(id, known.ui());
                }
                events.nodeFinished(id);
                return true;
            }
            events.nodeStarted(id);
            try {
                checkStop();
                String blocked = faults.nodeStarting(item.id(), id);
                NodeOutcome outcome = blocked == null ? call(id) : blocked(id, blocked);
                assets.mark(outcome.ui(), item.id());
                faults.nodeDone(item.id(), id, outcome.ui());
                outcomes.put(id, outcome);
                if (!unreached.contains(id)) {
                    cache.put(keys.of(id), outcome);
                }
                if (outcome.ui() != null) {
                    outputs.put(id, outcome.ui());
                    events.executed(id, outcome.ui());
                }
                executed.add(id);
                events.nodeFinished(id);
                return true;
            } catch (Interrupted e) {
                events.keep("execution_interrupted", failure(id), true);
                return false;
            } catch (NodeFailure e) {
                events.keep("execution_error", error(id, e), false);
                return false;
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                log.warn("node failed unexpectedly prompt.id={} node={}", item.id(), id, e);
                events.keep("execution_error", error(id, new NodeFailure("RuntimeError", e.toString())), false);
                return false;
            }
        }

        private NodeOutcome call(String id) throws NodeFailure, Interrupted, IOException {
            ObjectNode literals = Json.object();
            Map<String, NodeValue> links = new HashMap<>();
            for (var input : graph.get(id).path("inputs").properties()) {
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
            NodeCall.Progress progress = (value, max, preview) -> {
                checkStop();
                events.step(id, value, max, preview);
            };
            NodeCall call = new NodeCall(literals, links, graph, item.extraData(), progress);
            return catalog.runner(nodeClass(id)).run(call);
        }

        private NodeOutcome blocked(String id, @Nullable String message) {
            unreached.add(id);
            int outputs = definitions.outputs(nodeClass(id));
            return new NodeOutcome(Collections.nCopies(outputs, new NodeValue.Blocked(message)), null);
        }

        private void checkStop() throws Interrupted {
            if (stop.getAsBoolean() || Thread.currentThread().isInterrupted()) {
                throw new Interrupted();
            }
        }

        private String nodeClass(String id) {
            return graph.get(id).get("class_type").stringValue();
        }

        private ObjectNode failure(String id) {
            ObjectNode data =
                    Json.object().put("prompt_id", item.id()).put("node_id", id).put("node_type", nodeClass(id));
            data.set("executed", Json.strings(executed));
            return data;
        }

        private ObjectNode error(String id, NodeFailure failure) {
            // Only torch's own exception is recognised as out of memory, whatever the text says.
            boolean outOfMemory = failure.exceptionType().equals("torch.OutOfMemoryError");
            ObjectNode data = failure(id);
            data.put(
                    "exception_message",
                    failure.text() + "\n"
                            + (outOfMemory
                                    ? "This error means you ran out of memory on your GPU.\n\nTIPS: If the workflow"
                                            + " worked before you might have accidentally set the batch_size to a"
                                            + " large number."
                                    : ""));
            data.put("exception_type", failure.exceptionType());
            data.putArray("traceback")
                    .add("  File \"/opt/comfyui/execution.py\", line 545, in execute\n    output_data, output_ui,"
                            + " has_subgraph, has_pending_tasks = await get_output_data(prompt_id, unique_id, obj)\n");
            ObjectNode inputs = data.putObject("current_inputs");
            graph.get(id).path("inputs").properties().forEach(input -> {
                boolean link = CacheKeys.isLink(input.getValue());
                inputs.putArray(input.getKey()).add(link ? StringNode.valueOf("tensor([...])") : input.getValue());
            });
            data.set("current_outputs", Json.strings(graph.propertyNames()));
            return data;
        }
    }
}
