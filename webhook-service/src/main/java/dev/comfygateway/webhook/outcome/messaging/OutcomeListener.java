package dev.comfygateway.webhook.outcome.messaging;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.webhook.outcome.RecordOutcome;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Reads outcomes; a record is acknowledged when its webhook is durable. */
@Component
final class OutcomeListener {

    private static final Duration STORE_TIMEOUT = Duration.ofSeconds(30);

    private final EventCodec codec;
    private final RecordOutcome recordOutcome;
    private final MeterRegistry meters;

    OutcomeListener(EventCodec codec, RecordOutcome recordOutcome, MeterRegistry meters) {
        this.codec = codec;
        this.recordOutcome = recordOutcome;
        this.meters = meters;
    }

    @KafkaListener(
            id = "outcomes",
            idIsGroup = false,
            groupId = "webhook-service.outcomes",
            topics = Topics.JOBS_COMPLETED)
    void onRecord(ConsumerRecord<String, byte[]> consumerRecord) {
        Optional<EventEnvelope<EventData>> event = codec.decode(consumerRecord);
        if (event.isPresent() && event.get().data() instanceof JobOutcome outcome) {
            // Kafka's own thread, not an event loop: it waits, so that the offset follows the row.
            BlockingBridge.await(recordOutcome.handle(withData(event.get(), outcome)), STORE_TIMEOUT);
        } else {
            meters.counter(MetricNames.EVENT_UNKNOWN, "topic", Topics.JOBS_COMPLETED)
                    .increment();
        }
    }

    private static EventEnvelope<JobOutcome> withData(EventEnvelope<EventData> event, JobOutcome outcome) {
        return new EventEnvelope<>(
                event.id(),
                event.type(),
                event.source(),
                event.subject(),
                event.time(),
                event.tenant(),
                event.traceparent(),
                outcome);
    }
}
