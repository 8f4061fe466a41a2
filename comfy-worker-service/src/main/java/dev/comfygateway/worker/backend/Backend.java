package dev.comfygateway.worker.backend;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.ComfySocket;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.RestClientException;

/** One ComfyUI server with its connections, its slot and what is known about it. Thread safe. */
public final class Backend {

    private static final Logger log = LoggerFactory.getLogger(Backend.class);

    private static final int MOST_WARM = 16;
    private static final Duration SEPARATION = Duration.ofSeconds(60);

    private final String id;
    private final ComfyClient client;
    private final ComfySocket socket;
    private final Slot slot;
    private final CircuitBreaker breaker;
    private final OutputOwners owners = new OutputOwners();
    private final Set<String> abandoned = ConcurrentHashMap.newKeySet();
    private volatile BackendStatus status = BackendStatus.UNKNOWN;
    private volatile @Nullable WorkerInventory inventory;
    private volatile int failures;
    private volatile boolean suspected;
    private volatile double lastNumber = -1;
    private volatile @Nullable String lastTenant;
    private final Set<String> warmModels = Collections.synchronizedSet(new LinkedHashSet<>());

    /** @param proven whether it may be used before a trial has shown that it runs prompts */
    Backend(String id, ComfyClient client, ComfySocket socket, Slot slot, CircuitBreaker breaker, boolean proven) {
        this.id = id;
        this.client = client;
        this.socket = socket;
        this.slot = slot;
        this.breaker = breaker;
        this.suspected = !proven;
    }

    /** Short name for logs, without the address. */
    public String id() {
        return id;
    }

    public ComfyClient client() {
        return client;
    }

    public ComfySocket socket() {
        return socket;
    }

    public Slot slot() {
        return slot;
    }

    public BackendStatus status() {
        return status;
    }

    /** What it can run, or null while unknown. */
    public @Nullable WorkerInventory inventory() {
        return inventory;
    }

    /** Notes the model files that the newest prompt has used: they are likely to be loaded still. */
    public void used(Set<String> models) {
        if (!models.isEmpty()) {
            synchronized (warmModels) {
                warmModels.removeAll(models);
                warmModels.addAll(models);
                while (warmModels.size() > MOST_WARM) {
                    warmModels.remove(warmModels.iterator().next());
                }
            }
        }
    }

    /** Model files that are likely to be loaded, the newest last. */
    public List<String> warmModels() {
        synchronized (warmModels) {
            return List.copyOf(warmModels);
        }
    }

    /** Whose the files are that it keeps. */
    public OutputOwners owners() {
        return owners;
    }

    /** Closed while attempts end as they should; open after several in a row were lost with this server. */
    public CircuitBreaker breaker() {
        return breaker;
    }

    /** Whether it can be expected to run prompts. */
    public boolean usable() {
        return status.reachable() && !suspected && breaker.getState() != CircuitBreaker.State.OPEN;
    }

    /** Whether it takes work: it can be used, and it is known which of its inputs name files. */
    public boolean ready() {
        return usable() && inventory != null;
    }

    /** It seems not to run prompts any more; it gets none before a trial has shown that it does. */
    public void suspect(String why) {
        if (!suspected) {
            suspected = true;
            log.atWarn().addKeyValue(LogKeys.BACKEND_ID, id).log("ComfyUI is not used for now: {}", why);
        }
    }

    /** A prompt of ours that it would not stop. */
    public void abandon(String promptId) {
        abandoned.add(promptId);
        suspect("a prompt could not be stopped");
    }

    /** Whether what it says is running is a prompt that nobody waits for any more. */
    public boolean hasAbandoned(String promptId) {
        return abandoned.contains(promptId);
    }

    /** Whether it seems not to run prompts. */
    public boolean isSuspected() {
        return suspected;
    }

    /** The trial went well. What it was not expected to stop any more is over now, and is forgotten there too. */
    void trusted() {
        suspected = false;
        for (String promptId : List.copyOf(abandoned)) {
            try {
                client.deleteFromQueue(promptId);
                client.deleteHistory(promptId);
                abandoned.remove(promptId);
            } catch (RestClientException | ComfyAnswerException e) {
                log.debug("Abandoned prompt not forgotten", e);
            }
        }
        log.atInfo().addKeyValue(LogKeys.BACKEND_ID, id).log("ComfyUI runs prompts again");
    }

    /**
     * Frees memory and cache unless the last prompt was the same tenant's. Only one worker may use the server. Blocks until that is done: ComfyUI frees
     * between two prompts, so one of no use is run after it was asked to.
     *
     * @throws org.springframework.web.client.RestClientException when the server cannot be reached
     */
    public void separate(String tenant) throws InterruptedException {
        // After a start of the worker nobody knows whose prompts were there before.
        if (!tenant.equals(lastTenant)) {
            client.free();
            warmModels.clear();
            if (!Trial.tiny().run(this, SEPARATION)) {
                throw new ComfyAnswerException("POST /free did not come to its end", 504);
            }
        }
        lastTenant = tenant;
    }

    /** The server numbers prompts from 0 after each start, so a number that falls tells of a restart. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // prompts of one backend are sent one after the other
    public void numbered(double number) {
        if (number <= lastNumber) {
            log.atInfo().addKeyValue(LogKeys.BACKEND_ID, id).log("ComfyUI was restarted");
            owners.clear();
            warmModels.clear();
        }
        lastNumber = number;
    }

    void answered(BackendStatus found) {
        failures = 0;
        status = found;
    }

    /** A busy server may miss one probe; two in a row make it unreachable. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // only the probe thread writes
    void silent() {
        failures++;
        if (failures >= 2 || !status.reachable()) {
            status = status.unreachable();
        }
    }

    void inventory(WorkerInventory found) {
        inventory = found;
    }
}
