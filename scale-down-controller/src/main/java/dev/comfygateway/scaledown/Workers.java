package dev.comfygateway.scaledown;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.kafka.RecordFeed;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.stereotype.Component;

/**
 * What workers do, as their heartbeats say. A job between two of these, which come every two seconds, is not noticed.
 * Thread safe, never blocks.
 */
@Component
class Workers implements RecordFeed.Handler {

    private final Map<String, Seen> byId = new ConcurrentHashMap<>();
    private final ScaleDownProperties settings;
    private final Clock clock;

    Workers(ScaleDownProperties settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /** What a worker does. */
    enum Occupation {
        /** It has had nothing to do for a while. */
        IDLE,
        /** It runs a job. */
        BUSY,
        /** Nothing that its pod should be marked for or not: it has just become free, stops, or is silent. */
        OTHER
    }

    /** The newest heartbeat, and when the first of those came that say the same. */
    private record Seen(Occupation said, String instanceId, Instant since, Instant at) {}

    Occupation of(String workerId) {
        Seen seen = byId.get(workerId);
        if (seen == null || seen.at().plus(settings.lostAfter()).isBefore(clock.instant())) {
            return Occupation.OTHER;
        }
        // Both are the broker's time: whatever the clock here says, it is the same clock for both.
        boolean longEnough = !seen.since().plus(settings.idleAfter()).isAfter(seen.at());
        return seen.said() == Occupation.IDLE && !longEnough ? Occupation.OTHER : seen.said();
    }

    /** Takes in what a worker said; what is older than what is known changes nothing. */
    void heard(WorkerHeartbeat heartbeat, Instant at) {
        Seen now = new Seen(said(heartbeat), heartbeat.instanceId(), at, at);
        byId.merge(heartbeat.workerId(), now, (before, said) -> {
            if (said.at().isBefore(before.at())) {
                return before;
            }
            boolean same = said.said() == before.said() && said.instanceId().equals(before.instanceId());
            return same ? new Seen(said.said(), said.instanceId(), before.since(), said.at()) : said;
        });
    }

    private static Occupation said(WorkerHeartbeat heartbeat) {
        boolean works = heartbeat.state() == WorkerState.IDLE || heartbeat.state() == WorkerState.BUSY;
        if (!works) {
            return Occupation.OTHER;
        }
        // A worker with several slots calls itself idle as long as one of them is.
        return heartbeat.freePermits() < heartbeat.slots() ? Occupation.BUSY : Occupation.IDLE;
    }

    @Override
    public void on(EventEnvelope<EventData> event, ConsumerRecord<String, byte[]> source) {
        if (event.data() instanceof WorkerHeartbeat heartbeat) {
            heard(heartbeat, Instant.ofEpochMilli(source.timestamp()));
        }
    }

    @Override
    public void onTombstone(String key) {
        byId.remove(key);
    }
}
