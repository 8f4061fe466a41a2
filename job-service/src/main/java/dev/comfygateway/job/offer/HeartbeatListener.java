package dev.comfygateway.job.offer;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.kafka.UndecodableEventException;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.annotation.PartitionOffset;
import org.springframework.kafka.annotation.TopicPartition;
import org.springframework.stereotype.Component;

/** Hears every worker; each replica reads the whole compacted topic. */
@Component
class HeartbeatListener {

    private final EventCodec codec;
    private final IdleWorkers workers;
    private final MeterRegistry meters;
    private final Clock clock;

    HeartbeatListener(EventCodec codec, IdleWorkers workers, MeterRegistry meters, Clock clock) {
        this.codec = codec;
        this.workers = workers;
        this.meters = meters;
        this.clock = clock;
    }

    @KafkaListener(
            id = "job-service.heartbeats",
            topicPartitions =
                    @TopicPartition(
                            topic = Topics.WORKERS_HEARTBEAT,
                            partitionOffsets = @PartitionOffset(partition = "0", initialOffset = "0")))
    void onRecord(ConsumerRecord<String, byte[]> message) {
        if (message.value() == null) {
            workers.gone(message.key());
            return;
        }
        try {
            codec.decode(message).ifPresent(event -> {
                if (event.data() instanceof WorkerHeartbeat heartbeat) {
                    // By the broker's clock, so that old heartbeats read at start are old.
                    Duration age = Duration.ofMillis(Math.max(0, clock.millis() - message.timestamp()));
                    workers.heard(heartbeat, age);
                }
            });
        } catch (UndecodableEventException e) {
            meters.counter(MetricNames.EVENT_UNKNOWN, "topic", message.topic()).increment();
        }
    }
}
