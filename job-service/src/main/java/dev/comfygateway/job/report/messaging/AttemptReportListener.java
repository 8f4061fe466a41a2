package dev.comfygateway.job.report.messaging;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.job.report.ApplyAttemptReport;
import dev.comfygateway.job.report.ReportPositions;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.listener.ConsumerSeekAware;
import org.springframework.stereotype.Component;

/** Reads reports, one after the other per partition; a report that cannot be applied now holds up those behind it. */
@Component
class AttemptReportListener implements ConsumerSeekAware {

    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final EventCodec codec;
    private final ApplyAttemptReport applyReport;
    private final ReportPositions positions;
    private final MeterRegistry meters;

    AttemptReportListener(
            EventCodec codec, ApplyAttemptReport applyReport, ReportPositions positions, MeterRegistry meters) {
        this.codec = codec;
        this.applyReport = applyReport;
        this.positions = positions;
        this.meters = meters;
    }

    @KafkaListener(id = "job-service.reports", topics = Topics.JOBS_PROGRESS, concurrency = "3")
    void onRecord(ConsumerRecord<String, byte[]> message) {
        Optional<EventEnvelope<EventData>> event = codec.decode(message);
        if (event.isEmpty()) {
            meters.counter(MetricNames.EVENT_UNKNOWN, "topic", message.topic()).increment();
        } else if (event.get().data() instanceof AttemptReport report) {
            BlockingBridge.await(applyReport.handle(report), LONGEST);
        }
        // Everything else on this topic was said by this service.
        positions.done(message.partition(), message.offset());
    }

    @Override
    public void onPartitionsAssigned(Map<TopicPartition, Long> assignments, ConsumerSeekCallback callback) {
        // Each reader has a thread of its own, on which this is said.
        Thread reader = Thread.currentThread();
        assignments.forEach((partition, next) -> positions.assigned(reader, partition.partition(), next));
    }

    @Override
    public void onPartitionsRevoked(@Nullable Collection<TopicPartition> partitions) {
        if (partitions == null) {
            return;
        }
        Thread reader = Thread.currentThread();
        partitions.forEach(partition -> positions.revoked(reader, partition.partition()));
    }
}
