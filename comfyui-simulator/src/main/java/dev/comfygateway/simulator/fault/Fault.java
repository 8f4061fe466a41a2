package dev.comfygateway.simulator.fault;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** One fault that was asked for: what it does, to whom, and how often it may still do it. */
public final class Fault {

    private static final int ALWAYS = -1;

    private final String id;
    private final FaultKind kind;
    private final ObjectNode asked;
    private final @Nullable String promptId;
    private int remaining;
    private int used;
    private boolean cleared;
    private final List<Runnable> held = new ArrayList<>();

    private Fault(String id, FaultKind kind, ObjectNode asked, @Nullable String promptId, int remaining) {
        this.id = id;
        this.kind = kind;
        this.asked = asked;
        this.promptId = promptId;
        this.remaining = remaining;
    }

    /**
     * Reads a fault: its kind and settings, and at most one of {@code next} (how many prompts or requests),
     * {@code prompt_id} and {@code all}; without any of them the next one.
     *
     * @throws IllegalArgumentException when it cannot be understood
     */
    static Fault parse(String id, JsonNode body) {
        FaultKind kind = FaultKind.of(body.path("kind").asString(""));
        if (kind == null || !(body instanceof ObjectNode asked)) {
            throw new IllegalArgumentException("no such kind of fault");
        }
        int scopes = 0;
        for (String name : asked.propertyNames()) {
            boolean scope = name.equals("next") || name.equals("all") || name.equals("prompt_id");
            scopes += scope ? 1 : 0;
            if (!scope && !name.equals("kind") && !kind.has(name)) {
                throw new IllegalArgumentException(kind.text() + " has no setting '" + name + "'");
            }
        }
        if (scopes > 1) {
            throw new IllegalArgumentException("only one of next, prompt_id and all may be given");
        }
        String promptId = asked.path("prompt_id").asString(null);
        boolean always = promptId != null || asked.path("all").asBoolean(false);
        return new Fault(
                id,
                kind,
                asked.deepCopy(),
                promptId,
                always ? ALWAYS : asked.path("next").asInt(1));
    }

    /** Its name for {@code DELETE}. */
    public String id() {
        return id;
    }

    /** What it does. */
    public FaultKind kind() {
        return kind;
    }

    /** As it is listed. */
    public synchronized ObjectNode toJson() {
        ObjectNode json = asked.deepCopy().put("id", id).put("used", used);
        return remaining == ALWAYS ? json : json.put("remaining", remaining);
    }

    /** A setting that is a number. */
    public long number(String setting, long otherwise) {
        return asked.path(setting).asLong(otherwise);
    }

    /** A setting that is a time in milliseconds. */
    public Duration time(String setting, long otherwise) {
        return Duration.ofMillis(number(setting, otherwise));
    }

    /** A setting that is a text. */
    public String text(String setting, String otherwise) {
        return asked.path(setting).asString(otherwise);
    }

    /** Whether a setting was given. */
    public boolean has(String setting) {
        return asked.has(setting);
    }

    /** Whether it concerns that prompt, or any request when there is none; counts it then. */
    public synchronized boolean claim(@Nullable String prompt) {
        if (cleared || remaining == 0 || (promptId != null && !promptId.equals(prompt))) {
            return false;
        }
        if (remaining > 0) {
            remaining--;
        }
        used++;
        return true;
    }

    /** Whether it still has an effect on those it concerns. */
    public synchronized boolean isActive() {
        return !cleared;
    }

    synchronized boolean isSpent() {
        return remaining == 0 && held.isEmpty();
    }

    /** Does something when it is cleared; at once when it is already. */
    void whenCleared(Runnable action) {
        synchronized (this) {
            if (!cleared) {
                held.add(action);
                return;
            }
        }
        action.run();
    }

    /** Waits until it is cleared or the thread is interrupted. */
    synchronized void awaitCleared() throws InterruptedException {
        while (!cleared) {
            wait();
        }
    }

    /** Does what was held back, in its order, and ends it; what comes meanwhile still has to wait its turn. */
    void clear() {
        while (true) {
            List<Runnable> due;
            synchronized (this) {
                due = List.copyOf(held);
                held.clear();
                if (due.isEmpty()) {
                    cleared = true;
                    notifyAll();
                    return;
                }
            }
            due.forEach(Runnable::run);
        }
    }
}
