package dev.comfygateway.systemtests;

import static dev.comfygateway.systemtests.FaultRig.KAFKA;
import static dev.comfygateway.systemtests.FaultRig.POSTGRES;
import static dev.comfygateway.systemtests.FaultRig.WORKERS;

import dev.comfygateway.systemtests.Fault.Delayed;
import dev.comfygateway.systemtests.Fault.Duplicated;
import dev.comfygateway.systemtests.Fault.Killed;
import dev.comfygateway.systemtests.Fault.Paused;
import dev.comfygateway.systemtests.Fault.Reset;
import dev.comfygateway.systemtests.Fault.Silenced;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Which faults come, in which order: the same for the same seed. First each kind once and every part killed once, one at
 * a time; then one to three at once, without an end.
 */
final class FaultPlan {

    private final List<String> parts;
    private final List<String> links;
    private final Duration lease;
    private final Duplicator duplicator;
    private final Random random;

    FaultPlan(List<String> parts, List<String> links, Duration lease, Duplicator duplicator, long seed) {
        this.parts = List.copyOf(parts);
        this.links = List.copyOf(links);
        this.lease = lease;
        this.duplicator = duplicator;
        this.random = new Random(seed);
    }

    /** One at a time. */
    List<Fault> opening() {
        List<Fault> faults = new ArrayList<>();
        // The second worker is as the first; it is stopped until it has lost its lease.
        parts.stream()
                .filter(part -> !part.endsWith("-2"))
                .forEach(part -> faults.add(new Killed(part, millis(0, 2_000))));
        faults.add(new Paused(WORKERS.get(1), lease.plus(millis(2_000, 4_000))));
        faults.add(new Reset(oneOf(links), millis(500, 2_000)));
        faults.add(new Delayed(oneOf(links), millis(3_000, 6_000), millis(50, 500)));
        faults.add(new Silenced(oneOf(links), millis(3_000, 6_000)));
        faults.add(new Duplicated(duplicator));
        Collections.shuffle(faults, random);
        return faults;
    }

    /** One to three at once, none at the same place. */
    List<Fault> next() {
        List<Fault> faults = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        int count = 1 + random.nextInt(3);
        while (faults.size() < count) {
            Fault fault = any();
            if (taken.add(fault instanceof Duplicated ? KAFKA : fault.where())) {
                faults.add(fault);
            }
        }
        return faults;
    }

    private Fault any() {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> new Killed(oneOf(parts), millis(0, 5_000));
            case 3 -> new Reset(oneOf(links), millis(200, 5_000));
            case 4 -> new Delayed(oneOf(links), millis(3_000, 15_000), millis(20, 1_000));
            // At most a minute with the default leases: Kafka takes partitions away after 45 s.
            case 5 -> new Silenced(oneOf(links), millis(2_000, 2 * lease.toMillis()));
            case 6 -> new Duplicated(duplicator);
            default -> {
                // The process that started the database server is not the server.
                List<String> pausable =
                        parts.stream().filter(part -> !part.equals(POSTGRES)).toList();
                yield new Paused(
                        oneOf(pausable), millis(1_000, lease.plusSeconds(5).toMillis()));
            }
        };
    }

    private String oneOf(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private Duration millis(long from, long to) {
        return Duration.ofMillis(random.nextLong(from, to));
    }
}
