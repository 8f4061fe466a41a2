package dev.comfygateway.scaledown;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What workers say in tests. */
final class Said {

    private Said() {}

    static WorkerHeartbeat by(
            String worker,
            String instance,
            WorkerState state,
            int free,
            int slots,
            @Nullable Integer held,
            Instant at) {
        return new WorkerHeartbeat(
                worker, instance, "default", state, free, slots, held, true, "0.3.70", "GPU", null, null, null, at);
    }

    static WorkerHeartbeat idle(String worker, Instant at) {
        return by(worker, "i-1", WorkerState.IDLE, 1, 1, 0, at);
    }

    static WorkerHeartbeat busy(String worker, Instant at) {
        return by(worker, "i-1", WorkerState.BUSY, 0, 1, 1, at);
    }
}
