package dev.comfygateway.worker.claim;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.offer.PreviewsRequested;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.kafka.UndecodableEventException;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.execution.StopReason;
import dev.comfygateway.worker.reporting.PreviewPublisher;
import dev.comfygateway.worker.settings.WorkerIdentity;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Hears at once that an attempt must stop, and that somebody watches one. Reads {@code jobs.control} from its end, without a group; a missed record
 * only costs time: the next lease answer says the same, and who watches says so again.
 */
@Component
public final class ControlListener {

    private static final Logger log = LoggerFactory.getLogger(ControlListener.class);

    private final KafkaConnection connection;
    private final EventCodec codec;
    private final HeldAttempts held;
    private final PreviewPublisher previews;
    private final WorkerIdentity identity;
    private volatile boolean running;
    private volatile @Nullable Consumer<String, byte[]> consumer;

    public ControlListener(
            KafkaConnection connection,
            EventCodec codec,
            HeldAttempts held,
            PreviewPublisher previews,
            WorkerIdentity identity) {
        this.connection = connection;
        this.codec = codec;
        this.held = held;
        this.previews = previews;
        this.identity = identity;
    }

    public void start() {
        running = true;
        // A consumer waits in a native call, which would hold a virtual thread's carrier for as long.
        Thread.ofPlatform().daemon().name("control-listener").start(this::loop);
    }

    public void stop() {
        running = false;
        Consumer<String, byte[]> open = consumer;
        if (open != null) {
            open.wakeup();
        }
    }

    private void loop() {
        while (running) {
            Map<String, Object> settings = new HashMap<>(connection.settings());
            settings.put("enable.auto.commit", false);
            settings.put("auto.offset.reset", "latest");
            try (Consumer<String, byte[]> open =
                    new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
                consumer = open;
                TopicPartition partition = new TopicPartition(Topics.JOBS_CONTROL, 0);
                open.assign(List.of(partition));
                open.seekToEnd(List.of(partition));
                while (running) {
                    for (ConsumerRecord<String, byte[]> message : open.poll(Duration.ofSeconds(1))) {
                        handle(message);
                    }
                }
            } catch (WakeupException | InterruptException e) {
                log.debug("Control listener ended");
            } catch (KafkaException e) {
                log.warn("jobs.control not readable: {}", e.getClass().getSimpleName());
                try {
                    Thread.sleep(1_000);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private boolean isOurs(String workerId) {
        return workerId.equals(identity.workerId());
    }

    private void handle(ConsumerRecord<String, byte[]> message) {
        try {
            codec.decode(message).ifPresent(event -> {
                switch (event.data()) {
                    case AttemptStopRequested request
                    when isOurs(request.workerId()) -> held.stop(request.attemptId(), StopReason.CANCELED);
                    case PreviewsRequested request
                    when isOurs(request.workerId()) -> previews.want(request.attemptId(), request.until());
                    default -> {
                        // for other workers, or of a later version
                    }
                }
            });
        } catch (UndecodableEventException e) {
            log.warn("Record in jobs.control skipped: {}", e.getMessage());
        }
    }
}
