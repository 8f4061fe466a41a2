package dev.comfygateway.gateway.worker;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.kafka.RecordFeed;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.stereotype.Component;

/** Which workers could run a job now; everything else about them is job-service's to tell. Thread safe. */
@Component
public class Workers implements RecordFeed.Handler {

    private final Map<String, Seen> byId = new ConcurrentHashMap<>();
    private final WorkerProperties properties;
    private final Clock clock;

    private record Seen(WorkerHeartbeat heartbeat, Instant at) {}

    Workers(WorkerProperties properties, Clock clock) {
        this.properties = properties;
        this.clock = clock;
    }

    /** The newest heartbeats of those that live and reach their ComfyUI. */
    public List<WorkerHeartbeat> reachable() {
        Instant oldest = clock.instant().minus(properties.lostAfter());
        byId.values().removeIf(seen -> seen.at().isBefore(oldest));
        return byId.values().stream()
                .map(Seen::heartbeat)
                .filter(Workers::reachesItsComfyUi)
                .toList();
    }

    private static boolean reachesItsComfyUi(WorkerHeartbeat heartbeat) {
        return switch (heartbeat.state()) {
            case IDLE, BUSY, DRAINING -> true;
            case UNREACHABLE, STOPPED -> false;
        };
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
