package dev.comfygateway.simulator.fault;

import dev.comfygateway.simulator.node.NodeFailure;
import dev.comfygateway.simulator.node.WorkerDeath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import reactor.core.scheduler.Schedulers;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Lets prompts fail as the script wants it. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
public final class PromptFaults implements FaultHooks {

    private final FaultScript script;
    private final OutputDamage damage;
    private final ObjectProvider<ServerControl> server;
    private final Map<String, RunningPrompt> prompts = new ConcurrentHashMap<>();
    private final AtomicInteger generation = new AtomicInteger();
    /** Threads of a server that has crashed find an older number here, and end at the next place that asks. */
    private final ThreadLocal<@Nullable Integer> born = new ThreadLocal<>();

    PromptFaults(FaultScript script, OutputDamage damage, ObjectProvider<ServerControl> server) {
        this.script = script;
        this.damage = damage;
        this.server = server;
    }

    /** From now on whatever still runs belongs to a server that is no more. */
    public void abandonWorkers() {
        generation.incrementAndGet();
        prompts.clear();
    }

    @Override
    public void workerStarted() {
        born.set(generation.get());
    }

    @Override
    public void promptStarted(String promptId, JsonNode extraData) {
        List<Fault> faults = new ArrayList<>(script.claim(promptId));
        JsonNode asked = extraData.path("simulator_fault");
        Iterable<JsonNode> bodies = asked.isObject() ? List.of(asked) : asked;
        for (JsonNode body : bodies) {
            faults.add(ofPrompt(promptId, body));
        }
        prompts.put(promptId, new RunningPrompt(faults));
    }

    private Fault ofPrompt(String promptId, JsonNode body) {
        try {
            Fault fault = script.add(body);
            if (fault.kind().place() == FaultKind.Place.PROMPT) {
                fault.claim(promptId);
                return fault;
            }
            script.clear(fault.id());
        } catch (IllegalArgumentException e) {
            // Told below: a mistake in a script must not look like a prompt that went well.
        }
        return Fault.parse(
                "",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("kind", FaultKind.NODE_ERROR.text())
                        .put("type", "SimulatorFaultError")
                        .put("message", "simulator_fault is not understood"));
    }

    @Override
    public @Nullable String nodeStarting(String promptId, String node) throws NodeFailure {
        endIfAbandoned();
        RunningPrompt prompt = prompts.get(promptId);
        if (prompt == null) {
            return null;
        }
        String blocked = null;
        for (Fault fault : prompt.atNode(node)) {
            switch (fault.kind()) {
                case OUT_OF_MEMORY -> throw NodeFaults.outOfMemory(fault.text("coat", "torch"));
                case NODE_ERROR -> throw NodeFaults.error(fault);
                case EXECUTION_BLOCKED -> blocked = fault.text("message", "blocked by a scripted fault");
                case HANG -> hang(fault);
                case WORKER_DEATH -> throw new WorkerDeath();
                default -> {}
            }
        }
        return blocked;
    }

    /** Interrupts of prompts do not come this far; only a thread that shall end is interrupted. */
    private void hang(Fault fault) {
        try {
            fault.awaitCleared();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        endIfAbandoned();
    }

    @Override
    public void nodeDone(String promptId, String node, @Nullable JsonNode ui) {
        endIfAbandoned();
        if (ui != null) {
            each(promptId, fault -> {
                if (!fault.has("node") || fault.text("node", "").equals(node)) {
                    damage.apply(fault, ui);
                }
            });
        }
    }

    @Override
    public boolean stops(String promptId, BooleanSupplier asked) {
        RunningPrompt prompt = prompts.get(promptId);
        if (prompt == null) {
            return asked.getAsBoolean();
        }
        Fault fault = prompt.first(FaultKind.INTERRUPT_LATENCY);
        return prompt.stops(asked, fault == null ? Duration.ZERO : fault.time("delay_ms", 1000));
    }

    @Override
    public void promptEnding(String promptId) {
        endIfAbandoned();
        each(promptId, FaultKind.LATE_HISTORY, fault -> {
            if (!finalEventFirst(fault)) {
                try {
                    if (fault.has("delay_ms")) {
                        Thread.sleep(fault.time("delay_ms", 0));
                    } else {
                        fault.awaitCleared();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        });
        endIfAbandoned();
    }

    @Override
    public void keepHistory(String promptId, Runnable keep) {
        RunningPrompt prompt = prompts.get(promptId);
        Fault late = prompt == null ? null : prompt.first(FaultKind.LATE_HISTORY);
        if (prompt != null && prompt.first(FaultKind.NO_HISTORY) != null) {
            return;
        }
        if (late == null || !finalEventFirst(late)) {
            keep.run();
            return;
        }
        if (late.has("delay_ms")) {
            Schedulers.boundedElastic().schedule(ifStillAlive(keep), late.number("delay_ms", 0), TimeUnit.MILLISECONDS);
        } else {
            late.whenCleared(ifStillAlive(keep));
        }
    }

    /** What comes late comes never when the server has crashed by then. */
    private Runnable ifStillAlive(Runnable action) {
        int now = generation.get();
        return () -> {
            if (generation.get() == now) {
                action.run();
            }
        };
    }

    private static boolean finalEventFirst(Fault fault) {
        return fault.text("final_event", "after").equals("before");
    }

    @Override
    public void promptEnded(String promptId) {
        prompts.remove(promptId);
    }

    @Override
    public void deliver(String type, @Nullable JsonNode data, Runnable delivery) {
        endIfAbandoned();
        String promptId = data == null ? "" : data.path("prompt_id").asString("");
        boolean last =
                data != null && type.equals("executing") && data.path("node").isNull();
        RunningPrompt prompt = prompts.get(promptId);
        if (prompt != null) {
            Fault fault = prompt.fire(type, last);
            if (fault != null) {
                if (fault.kind() == FaultKind.CRASH) {
                    server.getObject().crash(fault);
                    endIfAbandoned();
                } else {
                    server.getObject().dropSockets();
                }
                return;
            }
            if (last && prompt.first(FaultKind.NO_FINAL_EVENT) != null) {
                return;
            }
        }
        Fault stalled = script.active(FaultKind.STALLED_SOCKETS);
        if (stalled == null) {
            delivery.run();
        } else {
            stalled.whenCleared(ifStillAlive(delivery));
        }
    }

    private void each(String promptId, Consumer<Fault> action) {
        RunningPrompt prompt = prompts.get(promptId);
        if (prompt != null) {
            prompt.active().forEach(action);
        }
    }

    private void each(String promptId, FaultKind kind, Consumer<Fault> action) {
        each(promptId, fault -> {
            if (fault.kind() == kind) {
                action.accept(fault);
            }
        });
    }

    private void endIfAbandoned() {
        Integer mine = born.get();
        if (mine != null && mine != generation.get()) {
            throw new WorkerDeath();
        }
    }
}
