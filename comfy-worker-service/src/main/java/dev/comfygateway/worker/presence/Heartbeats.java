package dev.comfygateway.worker.presence;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.BackendStatus;
import dev.comfygateway.worker.backend.Backends;
import dev.comfygateway.worker.claim.Intake;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.settings.LeaseProperties;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaOperations;
import org.springframework.stereotype.Component;

/** Says every few seconds that the worker lives and what it could take, and publishes its inventory by hash. */
@Component
public final class Heartbeats {

    private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);
    private static final String SOURCE = "/comfy-worker-service";

    private final KafkaOperations<String, byte[]> kafka;
    private final EventCodec codec;
    private final Backends backends;
    private final Intake intake;
    private final HeldAttempts held;
    private final WorkerIdentity identity;
    private final Clock clock;
    private final Duration every;
    private @Nullable Thread thread;
    private volatile boolean running;
    private @Nullable String published;

    public Heartbeats(
            KafkaOperations<String, byte[]> kafka,
            EventCodec codec,
            Backends backends,
            Intake intake,
            HeldAttempts held,
            WorkerIdentity identity,
            Clock clock,
            LeaseProperties properties) {
        this.kafka = kafka;
        this.codec = codec;
        this.backends = backends;
        this.intake = intake;
        this.held = held;
        this.identity = identity;
        this.clock = clock;
        this.every = properties.heartbeatEvery();
    }

    public void start() {
        running = true;
        thread = Thread.ofVirtual().name("heartbeats").start(this::loop);
    }

    /** Says goodbye, as the last word; blocks until Kafka has it, four seconds at most. */
    public void stop() {
        running = false;
        try {
            Thread current = thread;
            if (current != null) {
                current.join(Duration.ofSeconds(2));
            }
            send(heartbeat(WorkerState.STOPPED)).get(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("Goodbye not delivered");
        }
    }

    private void loop() {
        boolean reachable = false;
        boolean open = true;
        long next = System.nanoTime();
        while (running) {
            boolean reachableNow = backends.anyUsable() && backends.inventory() != null;
            boolean openNow = intake.isOpen();
            if (System.nanoTime() >= next || reachableNow != reachable || openNow != open) {
                next = System.nanoTime() + every.toNanos();
                reachable = reachableNow;
                open = openNow;
                publishInventory();
                var _ = send(heartbeat(state()));
            }
            try {
                // Short turns, so that a ComfyUI that has just come up is known at once.
                Thread.sleep(Math.min(every.toMillis(), 100));
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void publishInventory() {
        WorkerInventory inventory = backends.inventory();
        if (inventory != null && !inventory.hash().equals(published)) {
            var _ = send(inventory.hash(), Topics.WORKERS_INVENTORY, inventory);
            published = inventory.hash();
            log.atInfo()
                    .addKeyValue("hash", inventory.hash())
                    .addKeyValue("nodeClasses", inventory.nodeClasses().size())
                    .log("Inventory published");
        }
    }

    private WorkerState state() {
        if (!intake.isOpen()) {
            return WorkerState.DRAINING;
        }
        if (!backends.anyUsable()) {
            return WorkerState.UNREACHABLE;
        }
        return backends.freePermits() > 0 ? WorkerState.IDLE : WorkerState.BUSY;
    }

    private WorkerHeartbeat heartbeat(WorkerState state) {
        List<BackendStatus> all = backends.all().stream().map(Backend::status).toList();
        BackendStatus first =
                all.stream().filter(BackendStatus::reachable).findFirst().orElse(all.getFirst());
        WorkerInventory inventory = backends.inventory();
        return new WorkerHeartbeat(
                identity.workerId(),
                identity.instanceId(),
                identity.pool(),
                state,
                state == WorkerState.IDLE || state == WorkerState.BUSY ? backends.freePermits() : 0,
                all.size(),
                held.ids().size(),
                all.stream().anyMatch(BackendStatus::simulated),
                first.reachable() ? first.version() : null,
                first.device(),
                most(all, BackendStatus::vramTotalBytes),
                most(all, BackendStatus::vramFreeBytes),
                inventory == null ? null : inventory.hash(),
                clock.instant());
    }

    /** Of the server that has most: what does not fit there fits nowhere. */
    private static @Nullable Long most(List<BackendStatus> all, Function<BackendStatus, @Nullable Long> value) {
        Long most = null;
        for (BackendStatus status : all) {
            Long part = value.apply(status);
            if (part != null && (most == null || part > most)) {
                most = part;
            }
        }
        return most;
    }

    private CompletableFuture<?> send(WorkerHeartbeat heartbeat) {
        return send(identity.workerId(), Topics.WORKERS_HEARTBEAT, heartbeat);
    }

    private <T extends EventData> CompletableFuture<?> send(String subject, String topic, T data) {
        try {
            return kafka.send(codec.toRecord(
                    topic,
                    new EventEnvelope<>(
                            Ids.newEventId(),
                            EventCatalog.typeOf(data),
                            SOURCE,
                            subject,
                            clock.instant(),
                            null,
                            null,
                            data)));
        } catch (KafkaException | org.apache.kafka.common.KafkaException e) {
            log.debug("Heartbeat not sent", e);
            return CompletableFuture.failedFuture(e);
        }
    }
}
