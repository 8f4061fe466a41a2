package dev.comfygateway.job.worker;

import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.kafka.RecordFeed;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.stereotype.Component;

/**
 * The newest heartbeat of every worker seen within a day. In memory; every replica reads the whole compacted topic.
 * Times are the broker's, so that old heartbeats read at start are old. Thread safe, never blocks.
 */
@Component
public class WorkerRegistry implements RecordFeed.Handler {

    /** Silence after which nothing is known about a worker any more. */
    static final Duration FORGOTTEN_AFTER = Duration.ofDays(1);

    private final Map<String, Seen> byId = new ConcurrentHashMap<>();
    private final WorkerProperties properties;
    private final Clock clock;

    private record Seen(WorkerHeartbeat heartbeat, Instant at) {}

    /**
     * A worker as it is now.
     *
     * @param heartbeat what it said last
     * @param health how it is, its silence taken into account
     * @param lastSeen when it said that, by the broker's clock
     */
    public record Registered(WorkerHeartbeat heartbeat, WorkerHealth health, Instant lastSeen) {}

    public WorkerRegistry(WorkerProperties properties, Clock clock) {
        this.properties = properties;
        this.clock = clock;
    }

    /** All that are neither lost nor stopped, by id. */
    public List<Registered> live() {
        return seenWithin(FORGOTTEN_AFTER).stream()
                .filter(worker -> worker.health().isLive())
                .toList();
    }

    /** All whose silence is not longer than that, lost and stopped ones included, by id; a day at most. */
    public List<Registered> seenWithin(Duration silence) {
        Instant now = clock.instant();
        byId.values().removeIf(seen -> seen.at().isBefore(now.minus(FORGOTTEN_AFTER)));
        return byId.values().stream()
                .filter(seen -> !seen.at().isBefore(now.minus(silence)))
                .map(seen -> registered(seen, now))
                .sorted(Comparator.comparing(worker -> worker.heartbeat().workerId()))
                .toList();
    }

    /** Empty when it was not seen within a day. */
    public Optional<Registered> find(String workerId) {
        Instant now = clock.instant();
        return Optional.ofNullable(byId.get(workerId))
                .filter(seen -> !seen.at().isBefore(now.minus(FORGOTTEN_AFTER)))
                .map(seen -> registered(seen, now));
    }

    /** Attempts that could be claimed right now, per pool; pools without any left out. */
    public Map<String, Integer> freePermits() {
        Map<String, Integer> free = new HashMap<>();
        for (Registered worker : live()) {
            int permits = worker.heartbeat().freePermits();
            if (worker.health().takesWork() && permits > 0) {
                free.merge(worker.heartbeat().pool(), permits, Integer::sum);
            }
        }
        return free;
    }

    /** Takes in what a worker said; what is older than what is known changes nothing. */
    public void heard(WorkerHeartbeat heartbeat, Instant at) {
        byId.merge(
                heartbeat.workerId(),
                new Seen(heartbeat, at),
                (known, said) -> said.at().isBefore(known.at()) ? known : said);
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

    private Registered registered(Seen seen, Instant now) {
        WorkerHealth said = switch (seen.heartbeat().state()) {
            case IDLE -> WorkerHealth.IDLE;
            case BUSY -> WorkerHealth.BUSY;
            case DRAINING -> WorkerHealth.DRAINING;
            case UNREACHABLE -> WorkerHealth.UNREACHABLE;
            case STOPPED -> WorkerHealth.STOPPED;
        };
        boolean silent = seen.at().plus(properties.lostAfter()).isBefore(now);
        return new Registered(seen.heartbeat(), silent && said.isLive() ? WorkerHealth.LOST : said, seen.at());
    }
}
