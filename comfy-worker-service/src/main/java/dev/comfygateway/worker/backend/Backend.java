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
import java.util.Objects;
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
    private static final Duration FREEING = Duration.ofSeconds(60);
    private static final int MEMORY_LOOKS = 20;
    private static final Duration MEMORY_PAUSE = Duration.ofMillis(250);

    private final String id;
    private final ComfyClient client;
    private final ComfySocket socket;
    private final Slot slot;
    private final CircuitBreaker breaker;
    private final Recycler recycler;
    private final OutputOwners owners = new OutputOwners();
    private final Set<String> abandoned = ConcurrentHashMap.newKeySet();
    private volatile BackendStatus status = BackendStatus.UNKNOWN;
    private volatile @Nullable WorkerInventory inventory;
    private volatile int failures;
    private volatile boolean suspected;
    private double lastNumber = -1;
    private volatile @Nullable String lastTenant;
    private volatile boolean memoryFull;
    /** Used by the probe thread only. */
    private @Nullable String session;

    private final Set<String> warmModels = Collections.synchronizedSet(new LinkedHashSet<>());

    /** @param proven whether it may be used before a trial has shown that it runs prompts */
    Backend(
            String id,
            ComfyClient client,
            ComfySocket socket,
            Slot slot,
            CircuitBreaker breaker,
            Recycler recycler,
            boolean proven) {
        this.id = id;
        this.client = client;
        this.socket = socket;
        this.slot = slot;
        this.breaker = breaker;
        this.recycler = recycler;
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
        return status.reachable() && !suspected && takesPrompts() && breaker.getState() != CircuitBreaker.State.OPEN;
    }

    /** Whether it takes work: it can be used, and it is known which of its inputs name files. */
    public boolean ready() {
        return usable() && inventory != null;
    }

    /** Whether a prompt may be sent to it: not while its process is to be replaced. */
    public boolean takesPrompts() {
        return !recycler.blocksWork();
    }

    /** Its process has to be replaced; until then it gets no work. */
    public void recycle(RecycleReason why) {
        recycler.need(why);
    }

    /** Has its process replaced when that is due; does not wait for it. */
    void recycleWhenDue() {
        recycler.step();
    }

    /** Whether a trial should show now what it is like. */
    boolean wantsTrial() {
        return recycler.wantsTrial() || suspected;
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
        if (takesPrompts()) {
            log.atInfo().addKeyValue(LogKeys.BACKEND_ID, id).log("ComfyUI runs prompts again");
        }
    }

    /** A prompt ran out of memory: what others have left there is asked to go at once. */
    public void ranOutOfMemory() {
        memoryFull = true;
        try {
            client.free();
        } catch (RestClientException | ComfyAnswerException e) {
            log.debug("ComfyUI's memory could not be freed", e);
        }
    }

    /**
     * Frees memory and cache when that is asked for, when the last prompt ran out of memory, and when it was another
     * tenant's. Only the one whose prompt is next may call it, and only one worker may use the server. Blocks until
     * that is done: ComfyUI frees between two prompts, so one of no use is run after it was asked to.
     *
     * @param tenant whose prompt is next, or null when tenants share what is there
     * @throws org.springframework.web.client.RestClientException when the server cannot be reached
     */
    public void makeRoom(boolean asked, @Nullable String tenant) throws InterruptedException {
        // After a start of the worker nobody knows whose prompts were there before.
        if (asked || memoryFull || (tenant != null && !tenant.equals(lastTenant))) {
            client.free();
            warmModels.clear();
            if (!Trial.tiny().run(this, FREEING)) {
                throw new ComfyAnswerException("POST /free did not come to its end", 504);
            }
            memoryFull = false;
            lookForLeak();
        }
        lastTenant = tenant;
    }

    /** The last steps of the freeing come after the prompt that shows its end. */
    private void lookForLeak() throws InterruptedException {
        for (int look = 1; recycler.watchesMemory(); look++) {
            Long free = BackendStatus.read(client.systemStats()).vramFreeBytes();
            if (free == null || !recycler.leaks(free)) {
                return;
            }
            if (look >= MEMORY_LOOKS) {
                recycler.need(RecycleReason.MEMORY_LEAK);
                return;
            }
            Thread.sleep(MEMORY_PAUSE);
        }
    }

    /** A prompt of an attempt was taken, under that number. */
    public void prompted(double number) {
        numbered(number);
        recycler.prompted();
    }

    /** The server numbers prompts from 0 after each start, so a number that falls tells of a restart. */
    synchronized void numbered(double number) {
        if (number <= lastNumber) {
            log.atInfo().addKeyValue(LogKeys.BACKEND_ID, id).log("ComfyUI was restarted");
            owners.clear();
            warmModels.clear();
            if (recycler.isNew()) {
                suspected = true; // until its first prompt has ended well
            }
        }
        lastNumber = number;
    }

    /** Connects the socket unless it is, and says whether it is another than at the call before. */
    boolean reconnected() {
        String before = session;
        session = socket.connect();
        return !Objects.equals(session, before);
    }

    void answered(BackendStatus found) {
        failures = 0;
        status = found;
        Long free = found.vramFreeBytes();
        if (free != null && slot.isIdle()) {
            recycler.idle(free);
        }
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
