package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.kafka.RecordFeed;
import dev.comfygateway.observability.MetricNames;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Hands what the topics say about a job to the streams that watch it. Records of unwatched jobs cost a look-up. */
@Component
final class JobStreamHub implements RecordFeed.Handler {

    private final Map<String, Set<JobStream>> streams = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();

    JobStreamHub(MeterRegistry meters) {
        meters.gauge(MetricNames.STREAMS, open);
    }

    void attach(JobStream stream) {
        streams.compute(stream.jobId(), (jobId, watching) -> {
            Set<JobStream> set = watching == null ? ConcurrentHashMap.newKeySet() : watching;
            if (set.add(stream)) {
                open.incrementAndGet();
            }
            return set;
        });
    }

    void detach(JobStream stream) {
        streams.computeIfPresent(stream.jobId(), (jobId, watching) -> {
            if (watching.remove(stream)) {
                open.decrementAndGet();
            }
            return watching.isEmpty() ? null : watching;
        });
    }

    /** Open streams would hold up a graceful shutdown until its time limit. */
    @EventListener(ContextClosedEvent.class)
    void hangUp() {
        streams.values().forEach(watching -> List.copyOf(watching).forEach(JobStream::hangUp));
    }

    @Override
    public boolean wants(String key) {
        return streams.containsKey(key);
    }

    @Override
    public void on(EventEnvelope<EventData> event, ConsumerRecord<String, byte[]> source) {
        switch (event.data()) {
            case JobEvent change ->
                streams.getOrDefault(change.jobId(), Set.of()).forEach(stream -> stream.onChange(change));
            case AttemptReport report ->
                streams.getOrDefault(report.attempt().jobId(), Set.of()).forEach(stream -> stream.onReport(report));
            case PreviewShown preview ->
                streams.getOrDefault(preview.attempt().jobId(), Set.of()).forEach(stream -> stream.onPreview(preview));
            default -> {
                // Other events are none of a stream's business.
            }
        }
    }
}
