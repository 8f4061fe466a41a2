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
        /** It holds a job, also one that it only finishes. */
        BUSY,
        /** Nothing that its pod should be marked for or not: it has just become free, stops, or is silent. */
        OTHER
    }

    /** The newest heartbeat, and when the first of those came that say the same. */
    private record Seen(Occupation said, String instanceId, Instant since, Instant at) {}

    Occupation of(String workerId) {
        Seen seen = byId.get(workerId);
        if (seen == null || isSilent(seen, clock.instant())) {
            return Occupation.OTHER;
        }
        // Both are the broker's time, and not that of the clock here.
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
            // Nobody knows what it did while it was silent.
            boolean same = said.said() == before.said()
                    && said.instanceId().equals(before.instanceId())
                    && !isSilent(before, said.at());
            return same ? new Seen(said.said(), said.instanceId(), before.since(), said.at()) : said;
        });
    }

    private static Occupation said(WorkerHeartbeat heartbeat) {
        Integer held = heartbeat.heldAttempts();
        boolean works = heartbeat.state() == WorkerState.IDLE || heartbeat.state() == WorkerState.BUSY;
        if (held == null) {
            // Whether it is idle, one that does not say leaves open.
            return works && heartbeat.freePermits() < heartbeat.slots() ? Occupation.BUSY : Occupation.OTHER;
        }
        if (held > 0) {
            return Occupation.BUSY;
        }
        return works ? Occupation.IDLE : Occupation.OTHER;
    }

    /** Pods have new names at each start, so what is silent must not pile up. */
    void forgetSilent() {
        Instant now = clock.instant();
        byId.values().removeIf(seen -> isSilent(seen, now));
    }

    private boolean isSilent(Seen seen, Instant now) {
        return seen.at().plus(settings.lostAfter()).isBefore(now);
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
