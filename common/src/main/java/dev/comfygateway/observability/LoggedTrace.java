package dev.comfygateway.observability;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Lets what this thread logs name a trace that came with the data and not with the thread, until it is closed. For one
 * thread.
 */
public final class LoggedTrace implements AutoCloseable {

    private static final String TRACE_ID = "traceId";
    private static final String SPAN_ID = "spanId";
    private static final int LENGTH = 55;

    private final @Nullable String traceBefore = MDC.get(TRACE_ID);
    private final @Nullable String spanBefore = MDC.get(SPAN_ID);

    private LoggedTrace() {}

    /** @param traceparent as W3C writes it; null, or another form, changes nothing */
    public static LoggedTrace of(@Nullable String traceparent) {
        LoggedTrace scope = new LoggedTrace();
        if (traceparent != null && traceparent.length() == LENGTH) {
            MDC.put(TRACE_ID, traceparent.substring(3, 35));
            MDC.put(SPAN_ID, traceparent.substring(36, 52));
        }
        return scope;
    }

    @Override
    public void close() {
        put(TRACE_ID, traceBefore);
        put(SPAN_ID, spanBefore);
    }

    private static void put(String key, @Nullable String before) {
        if (before == null) {
            MDC.remove(key);
        } else {
            MDC.put(key, before);
        }
    }
}
