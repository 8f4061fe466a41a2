package dev.comfygateway.simulator.fault.control;

import java.time.Duration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/** Whether the server answers yet. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
final class Readiness {

    private volatile long readyAt;

    Readiness(FaultProperties properties) {
        notFor(properties.startDelay());
    }

    /** It does not answer for that long. */
    void notFor(Duration time) {
        readyAt = System.nanoTime() + time.toNanos();
    }

    boolean isReady() {
        return System.nanoTime() - readyAt >= 0;
    }
}
