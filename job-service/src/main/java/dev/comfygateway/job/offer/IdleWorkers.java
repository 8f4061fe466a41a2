package dev.comfygateway.job.offer;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/** Which pools have workers with nothing to do, by their heartbeats. Thread safe. */
@Component
public class IdleWorkers {

    private static final long STALE = Duration.ofSeconds(10).toNanos();

    private final Map<String, Seen> workers = new ConcurrentHashMap<>();

    private record Seen(WorkerHeartbeat heartbeat, long at) {}

    void heard(WorkerHeartbeat heartbeat, Duration age) {
        workers.put(heartbeat.workerId(), new Seen(heartbeat, System.nanoTime() - age.toNanos()));
    }

    void gone(String workerId) {
        workers.remove(workerId);
    }

    /** Free permits per pool, pools without any left out. */
    Map<String, Integer> freePermits() {
        long now = System.nanoTime();
        Map<String, Integer> free = new HashMap<>();
        for (Seen seen : workers.values()) {
            WorkerState state = seen.heartbeat().state();
            boolean takesWork = state == WorkerState.IDLE || state == WorkerState.BUSY;
            if (takesWork && now - seen.at() < STALE && seen.heartbeat().freePermits() > 0) {
                free.merge(seen.heartbeat().pool(), seen.heartbeat().freePermits(), Integer::sum);
            }
        }
        return free;
    }
}
