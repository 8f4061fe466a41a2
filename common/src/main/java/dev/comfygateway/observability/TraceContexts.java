package dev.comfygateway.observability;

import dev.comfygateway.contract.event.EventHeaders;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.TracingObservationHandler.TracingContext;
import io.micrometer.tracing.propagation.Propagator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.util.context.ContextView;

/**
 * Carries a trace through places where no library does it: database rows, share-consumer records, grants. The trace
 * travels as a W3C {@code traceparent}. Thread safe; never blocks.
 */
public final class TraceContexts {

    private final ObservationRegistry registry;
    private final @Nullable Tracer tracer;
    private final @Nullable Propagator propagator;

    public TraceContexts(ObservationRegistry registry, @Nullable Tracer tracer, @Nullable Propagator propagator) {
        this.registry = registry;
        this.tracer = tracer;
        this.propagator = propagator;
    }

    /** The {@code traceparent} of the current span, or null when there is none. */
    public @Nullable String current() {
        return traceparent(tracer == null ? null : tracer.currentSpan());
    }

    /** The {@code traceparent} of the span that a reactive chain is part of, or null when there is none. */
    public @Nullable String of(ContextView chain) {
        Observation observation = chain.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
        TracingContext tracing =
                observation == null ? null : observation.getContextView().get(TracingContext.class);
        return traceparent(tracing == null ? null : tracing.getSpan());
    }

    private @Nullable String traceparent(@Nullable Span span) {
        if (span == null || propagator == null) {
            return null;
        }
        Map<String, String> carrier = new HashMap<>();
        propagator.inject(span.context(), carrier, (map, key, value) -> {
            if (map != null) {
                map.put(key, value);
            }
        });
        return carrier.get(EventHeaders.TRACEPARENT);
    }

    /**
     * A new observation, not yet started, whose span continues the given trace.
     *
     * @param name low-cardinality name, also the metric's
     * @param spanName what the span is called, for example {@code execute prompt}
     * @param traceparent where it continues, or null to begin a new trace
     */
    public Observation continued(String name, String spanName, @Nullable String traceparent) {
        ReceiverContext<Map<String, String>> context = new ReceiverContext<>((carrier, key) -> carrier.get(key));
        context.setCarrier(traceparent == null ? Map.of() : Map.of(EventHeaders.TRACEPARENT, traceparent));
        return Observation.createNotStarted(name, () -> context, registry).contextualName(spanName);
    }
}
