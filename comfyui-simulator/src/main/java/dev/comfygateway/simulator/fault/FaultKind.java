package dev.comfygateway.simulator.fault;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What can go wrong, and which settings each kind has. */
public enum FaultKind {
    /** A node runs out of memory; {@code coat} is {@code torch} or {@code runtime}. */
    OUT_OF_MEMORY(Place.PROMPT, "node", "step", "coat"),
    /** A node raises an exception of that type and message. */
    NODE_ERROR(Place.PROMPT, "node", "step", "type", "message"),
    /** A node blocks all nodes below it. */
    EXECUTION_BLOCKED(Place.PROMPT, "node", "step", "message"),
    /** A node never ends, not even when it is interrupted, until the fault is cleared. */
    HANG(Place.PROMPT, "node", "step"),
    /** The thread that runs prompts dies at a node. */
    WORKER_DEATH(Place.PROMPT, "node", "step"),
    /** The process ends without a word and is started again. */
    CRASH(Place.PROMPT, "at", "down_ms", "warm_up_ms", "first_number"),
    /** All event sockets drop, without a close frame. */
    DROP_SOCKETS(Place.PROMPT, "at"),
    /** The message that says that a prompt has ended is not sent. */
    NO_FINAL_EVENT(Place.PROMPT),
    /** The history entry appears late; without {@code delay_ms}, when the fault is cleared. */
    LATE_HISTORY(Place.PROMPT, "delay_ms", "final_event"),
    /** The history entry never appears. */
    NO_HISTORY(Place.PROMPT),
    /** Output files have no bytes. */
    EMPTY_OUTPUT(Place.PROMPT, "node"),
    /** Output files end early: after {@code bytes}, or in the middle. */
    TRUNCATED_OUTPUT(Place.PROMPT, "node", "bytes"),
    /** Output files hold something else than their names say: {@code as} is {@code html} or {@code jpeg}. */
    MISLABELLED_OUTPUT(Place.PROMPT, "node", "as"),
    /** Output files are told and are not there. */
    VANISHED_OUTPUT(Place.PROMPT, "node"),
    /** A prompt notices only after a while that it was interrupted. */
    INTERRUPT_LATENCY(Place.PROMPT, "delay_ms"),
    /** Requests are answered with a status. */
    HTTP_STATUS(Place.HTTP, "status", "path", "method"),
    /** Requests are answered late. */
    SLOW_HTTP(Place.HTTP, "delay_ms", "path", "method"),
    /** A body ends early: after {@code bytes}, or in the middle; the connection with it. */
    TRUNCATED_TRANSFER(Place.HTTP, "bytes", "path", "method"),
    /** The connection is reset instead of an answer. */
    CONNECTION_RESET(Place.HTTP, "path", "method"),
    /** Every second request about prompts is answered as a server does that does not know them. */
    OTHER_INSTANCE(Place.HTTP, "path", "method"),
    /** Nothing is told to any socket until the fault is cleared; then all of it is. */
    STALLED_SOCKETS(Place.SERVER),
    /** All requests are answered with 503 for a while, as by something in front of a server that starts. */
    NOT_READY(Place.SERVER, "for_ms"),
    /** Prompts are numbered from there on. */
    NUMBER_RESET(Place.SERVER, "number");

    /** What a fault is about. */
    public enum Place {
        /** Prompts that run. */
        PROMPT,
        /** Requests. */
        HTTP,
        /** The server, at once. */
        SERVER
    }

    private final Place place;

    @SuppressWarnings("ImmutableEnumChecker") // Set.of is immutable, though its type does not say so.
    private final Set<String> settings;

    FaultKind(Place place, String... settings) {
        this.place = place;
        this.settings = Set.of(settings);
    }

    /** What it is about. */
    public Place place() {
        return place;
    }

    /** Its name in JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean has(String setting) {
        return settings.contains(setting);
    }

    static @Nullable FaultKind of(String text) {
        for (FaultKind kind : values()) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        return null;
    }
}
