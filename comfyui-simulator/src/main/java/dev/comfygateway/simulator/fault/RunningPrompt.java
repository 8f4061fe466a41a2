package dev.comfygateway.simulator.fault;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The faults of one prompt, and how far they have come. */
final class RunningPrompt {

    private final List<Fault> faults;
    private final Set<Fault> fired = new HashSet<>();
    private int steps;
    private long askedToStop;
    private boolean stopping;

    RunningPrompt(List<Fault> faults) {
        this.faults = List.copyOf(faults);
    }

    List<Fault> active() {
        return faults.stream().filter(Fault::isActive).toList();
    }

    @Nullable
    Fault first(FaultKind kind) {
        return faults.stream()
                .filter(fault -> fault.kind() == kind && fault.isActive())
                .findFirst()
                .orElse(null);
    }

    /** Those for the node that starts: it has that id, is the one of that number, or simply the first. */
    synchronized List<Fault> atNode(String node) {
        steps++;
        return active().stream()
                .filter(fault ->
                        fault.has("node") ? fault.text("node", "").equals(node) : fault.number("step", 1) == steps)
                .toList();
    }

    /** The one that happens instead of that message, at most once. */
    synchronized @Nullable Fault fire(String type, boolean last) {
        for (Fault fault : active()) {
            String at = fault.text("at", "");
            boolean due = at.equals("final") ? last : at.equals(type) && !last;
            if (due && fired.add(fault)) {
                return fault;
            }
        }
        return null;
    }

    /** True when a stop was asked for that long ago. */
    synchronized boolean stops(BooleanSupplier asked, Duration latency) {
        if (!stopping && asked.getAsBoolean()) {
            stopping = true;
            askedToStop = System.nanoTime();
        }
        boolean due = stopping && System.nanoTime() - askedToStop >= latency.toNanos();
        if (due) {
            stopping = false;
        }
        return due;
    }
}
