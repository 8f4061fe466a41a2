package dev.comfygateway.systemtests;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** How the fault suite is asked to run: {@code -Dfaults.seed} and {@code -Dfaults.minutes}. */
final class FaultSettings {

    private FaultSettings() {}

    /** The seed that was asked for, or a new one. */
    static long seed() {
        String asked = System.getProperty("faults.seed", "");
        return asked.isBlank() ? ThreadLocalRandom.current().nextInt(1_000_000) : Long.parseLong(asked);
    }

    /** How long random faults go on. */
    static Duration time() {
        return Duration.ofMinutes(Long.parseLong(System.getProperty("faults.minutes", "2")));
    }
}
