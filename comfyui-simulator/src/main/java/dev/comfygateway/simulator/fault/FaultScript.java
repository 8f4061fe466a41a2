package dev.comfygateway.simulator.fault;

import dev.comfygateway.simulator.graph.Json;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** All faults that were asked for and not cleared. They survive a scripted crash: the script is not the server's. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
public final class FaultScript {

    private static final Logger log = LoggerFactory.getLogger(FaultScript.class);
    private static final int REMEMBERED = 1000;

    private final Map<String, Fault> faults = new LinkedHashMap<>();
    private int last;

    /** Adds a fault; throws when it cannot be understood. */
    public synchronized Fault add(JsonNode body) {
        Fault fault = Fault.parse("f" + ++last, body);
        Iterator<Fault> oldest = faults.values().iterator();
        while (faults.size() >= REMEMBERED && oldest.hasNext()) {
            if (oldest.next().isSpent()) {
                oldest.remove();
            }
        }
        faults.put(fault.id(), fault);
        log.info("fault asked for id={} kind={}", fault.id(), fault.kind().text());
        return fault;
    }

    /** All of them, oldest first. */
    public synchronized ArrayNode list() {
        ArrayNode list = Json.array();
        faults.values().forEach(fault -> list.add(fault.toJson()));
        return list;
    }

    /** Ends one; false when there is none of that id. */
    public boolean clear(String id) {
        Fault fault;
        synchronized (this) {
            fault = faults.get(id);
        }
        if (fault == null) {
            return false;
        }
        fault.clear();
        synchronized (this) {
            faults.remove(id);
        }
        return true;
    }

    /** Ends all. */
    public void clear() {
        List<String> all;
        synchronized (this) {
            all = List.copyOf(faults.keySet());
        }
        all.forEach(this::clear);
    }

    /** Those that concern a prompt that starts. */
    synchronized List<Fault> claim(String promptId) {
        List<Fault> claimed = new ArrayList<>();
        for (Fault fault : faults.values()) {
            if (fault.kind().place() == FaultKind.Place.PROMPT && fault.claim(promptId)) {
                claimed.add(fault);
            }
        }
        return claimed;
    }

    /** Those about requests, or about the server, that have not been cleared. */
    public synchronized List<Fault> active(FaultKind.Place place) {
        return faults.values().stream()
                .filter(fault -> fault.kind().place() == place && fault.isActive())
                .toList();
    }

    /** The first active one of a kind, or null. */
    public synchronized @Nullable Fault active(FaultKind kind) {
        return faults.values().stream()
                .filter(fault -> fault.kind() == kind && fault.isActive())
                .findFirst()
                .orElse(null);
    }
}
