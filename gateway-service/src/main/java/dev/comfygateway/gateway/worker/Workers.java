package dev.comfygateway.gateway.worker;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.gateway.feed.RecordFeed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.stereotype.Component;

/** The newest heartbeat of every worker. Thread safe. */
@Component
public class Workers implements RecordFeed.Handler {

    private final Map<String, Seen> byId = new ConcurrentHashMap<>();
    private final WorkerViewProperties properties;
    private final Clock clock;

    private record Seen(WorkerHeartbeat heartbeat, Instant at) {}

    Workers(WorkerViewProperties properties, Clock clock) {
        this.properties = properties;
        this.clock = clock;
    }

    /** All that were seen lately, by id. */
    public List<WorkerView> list() {
        Instant now = clock.instant();
        byId.values().removeIf(seen -> seen.at().plus(properties.forgetAfter()).isBefore(now));
        return byId.values().stream()
                .map(seen -> view(seen, now))
                .sorted(Comparator.comparing(WorkerView::workerId))
                .toList();
    }

    private WorkerView view(Seen seen, Instant now) {
        WorkerHeartbeat heartbeat = seen.heartbeat();
        boolean lost = heartbeat.state() != WorkerState.STOPPED
                && Duration.between(seen.at(), now).compareTo(properties.lostAfter()) > 0;
        return new WorkerView(
                heartbeat.workerId(),
                lost ? "lost" : heartbeat.state().toString(),
                heartbeat.pool(),
                heartbeat.slots(),
                lost ? 0 : heartbeat.freePermits(),
                heartbeat.simulated(),
                heartbeat.backendVersion(),
                heartbeat.device(),
                seen.at());
    }

    @Override
    public void on(EventEnvelope<EventData> event, ConsumerRecord<String, byte[]> source) {
        if (event.data() instanceof WorkerHeartbeat heartbeat) {
            byId.put(heartbeat.workerId(), new Seen(heartbeat, Instant.ofEpochMilli(source.timestamp())));
        }
    }

    @Override
    public void onTombstone(String key) {
        byId.remove(key);
    }
}
