package dev.comfygateway.storage.retention.messaging;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobSucceeded;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.storage.retention.DiscardOutputs;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.stereotype.Component;

/** Hears how jobs ended. Duplicate rule: a repeated outcome finds nothing left to discard. */
@Component
class JobOutcomeListener {

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final EventCodec codec;
    private final DiscardOutputs discard;
    private final MeterRegistry meters;

    JobOutcomeListener(EventCodec codec, DiscardOutputs discard, MeterRegistry meters) {
        this.codec = codec;
        this.discard = discard;
        this.meters = meters;
    }

    @KafkaListener(topics = Topics.JOBS_COMPLETED)
    void onRecord(ConsumerRecord<String, byte[]> consumerRecord) {
        Optional<EventEnvelope<EventData>> event = codec.decode(consumerRecord);
        if (event.isPresent() && event.get().data() instanceof JobOutcome outcome) {
            String winner = outcome instanceof JobSucceeded succeeded ? succeeded.attemptId() : null;
            // Waits on the consumer's own thread: the offset moves on only when the bytes are gone.
            BlockingBridge.await(discard.handle(outcome.jobId(), winner), LIMIT);
        } else {
            meters.counter(MetricNames.EVENT_UNKNOWN, "topic", Topics.JOBS_COMPLETED)
                    .increment();
        }
    }
}
