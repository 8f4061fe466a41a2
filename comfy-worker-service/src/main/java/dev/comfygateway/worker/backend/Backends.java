package dev.comfygateway.worker.backend;

import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.ComfySocket;
import dev.comfygateway.worker.output.Spool;
import dev.comfygateway.worker.settings.BackendProperties;
import dev.comfygateway.worker.settings.ExecutionProperties;
import dev.comfygateway.worker.settings.HttpClients;
import dev.comfygateway.worker.settings.ServiceUrls;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** All backends of this worker, their probes, and the wait for a free one. Thread safe. */
@Component
public final class Backends {

    private static final Logger log = LoggerFactory.getLogger(Backends.class);

    private final BackendProperties properties;
    private final Duration prefetchWindow;
    private final Trial trial;
    private final List<Backend> all;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<Thread> probes = new ArrayList<>();
    private volatile boolean running;

    public Backends(
            BackendProperties properties,
            ExecutionProperties execution,
            RecycleHook recycling,
            HttpClients http,
            Spool spool,
            MeterRegistry meters) {
        this.properties = properties;
        this.prefetchWindow = execution.prefetchWindow();
        this.trial = Trial.of(properties.warmUpWorkflow());
        List<Backend> backends = new ArrayList<>();
        String key = properties.apiKey();
        String apiKey = key == null || key.isBlank() ? null : key.strip();
        for (URI base : ServiceUrls.parseList("COMFYUI_URL", properties.url())) {
            ComfyClient client = new ComfyClient(
                    base,
                    rest(http, properties.requestTimeout(), apiKey),
                    rest(http, properties.probeTimeout(), apiKey),
                    rest(http, properties.transferTimeout(), apiKey));
            ComfySocket socket = new ComfySocket(
                    base, apiKey, http.comfy(), properties.connectTimeout(), execution.pingInterval(), spool);
            String id = "comfyui-" + (backends.size() + 1);
            Slot slot = new Slot(execution.finishPermits(), this::signal);
            backends.add(new Backend(
                    id,
                    client,
                    socket,
                    slot,
                    breaker(id, properties),
                    new Recycler(id, base, slot, recycling),
                    !properties.warmUp()));
        }
        this.all = List.copyOf(backends);
        meters.gauge(
                MetricNames.WORKER_SLOTS,
                io.micrometer.core.instrument.Tags.of("state", "executing"),
                all,
                list -> list.stream()
                        .filter(backend -> backend.slot().executing())
                        .count());
        meters.gauge(
                MetricNames.WORKER_SLOTS,
                io.micrometer.core.instrument.Tags.of("state", "usable"),
                all,
                list -> list.stream().filter(Backend::usable).count());
    }

    private static RestClient rest(HttpClients http, Duration timeout, @Nullable String apiKey) {
        RestClient.Builder builder = http.comfy(timeout);
        if (apiKey != null) {
            builder.defaultHeader("Authorization", "Bearer " + apiKey);
        }
        return builder.build();
    }

    /** Opens when attempts were lost with the server a few times in a row, and lets one try after a while. */
    private CircuitBreaker breaker(String id, BackendProperties properties) {
        CircuitBreaker breaker = CircuitBreaker.of(
                id,
                CircuitBreakerConfig.custom()
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(properties.breakerFailures())
                        .minimumNumberOfCalls(properties.breakerFailures())
                        .failureRateThreshold(100)
                        .waitDurationInOpenState(properties.breakerPause())
                        .automaticTransitionFromOpenToHalfOpenEnabled(true)
                        .permittedNumberOfCallsInHalfOpenState(1)
                        .build());
        breaker.getEventPublisher().onStateTransition(event -> {
            log.atWarn()
                    .addKeyValue(LogKeys.BACKEND_ID, id)
                    .addKeyValue("state", event.getStateTransition().getToState())
                    .log("Circuit breaker of ComfyUI has changed");
            signal();
        });
        return breaker;
    }

    public List<Backend> all() {
        return all;
    }

    /** Attempts that could be claimed right now. */
    public int freePermits() {
        return (int) all.stream()
                .filter(backend -> backend.ready() && backend.slot().hasRoom(prefetchWindow))
                .count();
    }

    public boolean anyUsable() {
        return all.stream().anyMatch(Backend::usable);
    }

    /** What every reachable backend can run, or null while unknown. */
    public @Nullable WorkerInventory inventory() {
        return InventoryReader.common(
                all.stream().map(Backend::inventory).filter(Objects::nonNull).toList());
    }

    /**
     * Waits for a ready backend with a free prepare permit and takes the permit.
     *
     * @return null when there was none in time
     */
    public @Nullable Backend awaitPrepare(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        lock.lock();
        try {
            while (true) {
                // Idle ones first: a prepared attempt behind a running one only waits.
                for (Backend backend : all) {
                    if (backend.ready() && !backend.slot().executing() && tryPrepare(backend, Duration.ZERO)) {
                        return backend;
                    }
                }
                for (Backend backend : all) {
                    if (backend.ready() && tryPrepare(backend, prefetchWindow)) {
                        return backend;
                    }
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return null;
                }
                // Expectations change without a signal, so never wait long.
                changed.await(Math.min(left, TimeUnit.MILLISECONDS.toNanos(100)), TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
    }

    private static boolean tryPrepare(Backend backend, Duration window) {
        if (!backend.slot().tryPrepare(window)) {
            return false;
        }
        if (!backend.breaker().tryAcquirePermission()) {
            backend.slot().releasePrepare();
            return false;
        }
        return true;
    }

    /** Begins to probe every backend, each on its own thread. */
    public void start() {
        running = true;
        for (Backend backend : all) {
            probes.add(Thread.ofVirtual().name("probe-" + backend.id()).start(() -> probeLoop(backend)));
            probes.add(Thread.ofVirtual().name("inventory-" + backend.id()).start(() -> inventoryLoop(backend)));
        }
    }

    /** Ends the probes and closes the sockets. */
    public void stop() {
        running = false;
        probes.forEach(Thread::interrupt);
        all.forEach(backend -> backend.socket().close());
    }

    private void signal() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void probeLoop(Backend backend) {
        while (running) {
            probe(backend);
            if (!pause(properties.probeInterval())) {
                return;
            }
        }
    }

    void probe(Backend backend) {
        boolean before = backend.status().reachable();
        try {
            backend.answered(BackendStatus.read(backend.client().systemStats()));
        } catch (RestClientException | ComfyAnswerException e) {
            try {
                backend.client().promptInfo();
                BackendStatus old = backend.status();
                backend.answered(new BackendStatus(
                        true, old.simulated(), old.version(), old.device(), old.vramTotalBytes(), old.vramFreeBytes()));
            } catch (RestClientException | ComfyAnswerException again) {
                backend.silent();
            }
        }
        boolean now = backend.status().reachable();
        if (now != before) {
            log.atInfo()
                    .addKeyValue(LogKeys.BACKEND_ID, backend.id())
                    .addKeyValue("reachable", now)
                    .log("ComfyUI {}", now ? "answers" : "does not answer");
            if (now && (properties.warmUp() || !backend.takesPrompts())) {
                backend.suspect("it may have been started anew");
            }
            signal();
        }
        if (now && backend.reconnected() && !backend.takesPrompts()) {
            backend.suspect("it may have been started anew");
        }
        backend.recycleWhenDue();
        if (now && !backend.slot().executing() && backend.wantsTrial()) {
            tryOut(backend);
        }
    }

    private void tryOut(Backend backend) {
        try {
            if (trial.run(backend, properties.trialTimeout())) {
                backend.trusted();
                signal();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void inventoryLoop(Backend backend) {
        while (running) {
            boolean read = false;
            if (backend.status().reachable()) {
                read = readInventory(backend);
                signal();
            }
            boolean known = backend.inventory() != null;
            Duration wait = read || known
                    ? properties.inventoryInterval()
                    : backend.status().reachable() ? properties.probeInterval() : Duration.ofMillis(100);
            if (!pause(wait)) {
                return;
            }
        }
    }

    private static boolean readInventory(Backend backend) {
        try {
            backend.inventory(InventoryReader.read(backend.client().objectInfo()));
            return true;
        } catch (RestClientException | ComfyAnswerException e) {
            log.atWarn().addKeyValue(LogKeys.BACKEND_ID, backend.id()).log("ComfyUI's inventory could not be read");
            return false;
        }
    }

    private static boolean pause(Duration time) {
        try {
            Thread.sleep(time);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
