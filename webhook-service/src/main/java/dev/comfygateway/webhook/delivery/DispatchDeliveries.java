package dev.comfygateway.webhook.delivery;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.observability.TraceContexts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Sends due deliveries, a bounded number at a time. Several processes share the work through the leases of
 * {@link Deliveries}. At least once: a process that ends between the answer and its record sends again, under the same
 * id.
 */
@Component
public final class DispatchDeliveries implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(DispatchDeliveries.class);
    private static final Duration COUNT_INTERVAL = Duration.ofSeconds(10);

    private final Deliveries deliveries;
    private final WebhookSender sender;
    private final DeliveryProperties properties;
    private final TraceContexts traces;
    private final AtomicInteger wakeUps = new AtomicInteger();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicLong pending = new AtomicLong();
    private volatile boolean running;
    private volatile @Nullable Runnable whenIdle;
    private Disposable timers = Disposables.disposed();

    DispatchDeliveries(
            Deliveries deliveries,
            WebhookSender sender,
            DeliveryProperties properties,
            TraceContexts traces,
            MeterRegistry meters) {
        this.deliveries = deliveries;
        this.sender = sender;
        this.properties = properties;
        this.traces = traces;
        Gauge.builder(MetricNames.WEBHOOK_PENDING, pending, AtomicLong::doubleValue)
                .description("Webhook deliveries not yet ended")
                .register(meters);
    }

    /** Looks for due deliveries now instead of at the next poll. Never blocks. */
    public void wake() {
        if (running && wakeUps.getAndIncrement() == 0) {
            round(1);
        }
    }

    /** One look at the table at a time; a wake-up during it leads to another look, so none is lost. */
    private void round(int seen) {
        startDue()
                .doFinally(signal -> {
                    int left = wakeUps.addAndGet(-seen);
                    if (left > 0) {
                        round(left);
                    }
                })
                .subscribe();
    }

    private Mono<Void> startDue() {
        return Flux.defer(() -> {
                    int free = properties.concurrency() - inFlight.get();
                    return running && free > 0 ? deliveries.takeDue(free, properties.lease()) : Flux.empty();
                })
                .doOnNext(this::start)
                .then()
                .onErrorResume(error -> {
                    log.warn(
                            "Due webhooks could not be read; trying again in {}: {}",
                            properties.poll(),
                            error.toString());
                    return Mono.empty();
                });
    }

    private void start(DueDelivery delivery) {
        inFlight.incrementAndGet();
        attempt(delivery)
                .doFinally(signal -> {
                    int left = inFlight.decrementAndGet();
                    wake();
                    Runnable idle = whenIdle;
                    if (left == 0 && idle != null) {
                        whenIdle = null;
                        idle.run();
                    }
                })
                .subscribe(
                        done -> {},
                        error -> log.error(
                                "Result of webhook {} could not be recorded; it will be sent again",
                                delivery.id(),
                                error));
    }

    private Mono<Void> attempt(DueDelivery delivery) {
        return Mono.defer(() -> {
            Observation observation = traces.continued(
                            MetricNames.WEBHOOK_DELIVERY, "deliver webhook", delivery.traceparent())
                    .lowCardinalityKeyValue("outcome", "unknown")
                    .highCardinalityKeyValue(LogKeys.JOB_ID, delivery.jobId())
                    .start();
            String traceparent;
            try (Observation.Scope scope = observation.openScope()) {
                String current = scope.getCurrentObservation() == null ? null : traces.current();
                traceparent = current == null ? delivery.traceparent() : current;
            }
            return sender.send(delivery, traceparent)
                    .doOnNext(result -> observation.lowCardinalityKeyValue("outcome", outcome(result)))
                    .doFinally(signal -> observation.stop())
                    .flatMap(result -> record(delivery, result));
        });
    }

    private Mono<Void> record(DueDelivery delivery, DeliveryResult result) {
        Mono<Void> update = switch (result) {
            case DeliveryResult.Accepted accepted -> {
                log.atInfo()
                        .addKeyValue(LogKeys.JOB_ID, delivery.jobId())
                        .log(
                                "Webhook {} delivered at attempt {}: status {}",
                                delivery.id(),
                                delivery.attempt(),
                                accepted.status());
                yield deliveries.markDelivered(delivery, accepted.status());
            }
            case DeliveryResult.Refused refused -> {
                boolean again = refused.retryable() && delivery.attempt() < properties.maxAttempts();
                // The path and query of a callback may hold the receiver's secrets; the host does not.
                log.atWarn()
                        .addKeyValue(LogKeys.JOB_ID, delivery.jobId())
                        .addKeyValue("reason", refused.reason())
                        .log(
                                "{} webhook {} attempt {} of {} to {}: {}{}",
                                ErrorCode.WEBHOOK_DELIVERY_FAILED,
                                delivery.id(),
                                delivery.attempt(),
                                properties.maxAttempts(),
                                host(delivery.url()),
                                refused.text(),
                                again ? "" : "; given up");
                yield again
                        ? deliveries.markForRetry(
                                delivery,
                                refused.status(),
                                refused.text(),
                                properties.delayAfter(
                                        delivery.attempt(),
                                        ThreadLocalRandom.current().nextDouble()))
                        : deliveries.markFailed(delivery, refused.status(), refused.text());
            }
        };
        return update.retryWhen(Retry.backoff(5, Duration.ofMillis(200)));
    }

    private static String outcome(DeliveryResult result) {
        return switch (result) {
            case DeliveryResult.Accepted accepted -> "delivered";
            case DeliveryResult.Refused refused -> refused.reason().name().toLowerCase(java.util.Locale.ROOT);
        };
    }

    private static String host(String url) {
        try {
            return String.valueOf(URI.create(url).getHost());
        } catch (IllegalArgumentException e) {
            return "?";
        }
    }

    private Mono<Void> count() {
        return deliveries.countPending().doOnNext(pending::set).then().onErrorResume(error -> Mono.empty());
    }

    @Override
    public void start() {
        running = true;
        timers = Disposables.composite(
                Flux.interval(Duration.ZERO, properties.poll())
                        .onBackpressureDrop()
                        .subscribe(tick -> wake()),
                Flux.interval(Duration.ZERO, COUNT_INTERVAL)
                        .onBackpressureDrop()
                        .concatMap(tick -> count())
                        .subscribe());
    }

    /** Waits for the tries under way, each bounded by its timeout. */
    @Override
    public void stop(Runnable callback) {
        running = false;
        timers.dispose();
        whenIdle = callback;
        if (inFlight.get() == 0 && whenIdle != null) {
            whenIdle = null;
            callback.run();
        }
    }

    @Override
    public void stop() {
        stop(() -> {});
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
