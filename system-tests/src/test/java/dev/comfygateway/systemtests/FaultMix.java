package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Faults by a seed while clients work, and the account of it. */
final class FaultMix {

    private static final int CLIENTS = 6;
    /** Also where it takes all the time to kill each part once. */
    private static final int FEWEST_MIXED = 4;
    /** What is queued then, and waits for leases and pauses between attempts, ends well within it. */
    private static final Duration SETTLING = Duration.ofMinutes(4);

    /** A fault as it happened. */
    record Window(Fault fault, Instant struck, Instant healed) {}

    private final FaultRig rig;
    private final long seed;
    private final Duplicator duplicator;
    private final FaultPlan plan;
    private final Queue<Window> windows = new ConcurrentLinkedQueue<>();
    private final long start = System.nanoTime();
    private int steps;

    private FaultMix(FaultRig rig, long seed) {
        this.rig = rig;
        this.seed = seed;
        this.duplicator = new Duplicator(rig.kafka());
        this.plan = new FaultPlan(rig.parts(), rig.links(), rig.lease(), duplicator, seed);
    }

    /**
     * Goes on for that time, and until each part was killed at least once; then heals everything, waits for every job's
     * end and checks what must hold.
     */
    static void run(FaultRig rig, long seed, Duration time) throws IOException, InterruptedException {
        new FaultMix(rig, seed).run(time);
    }

    private void run(Duration time) throws IOException, InterruptedException {
        say("seed " + seed + ", repeat with -Dfaults.seed=" + seed);
        try (WebhookReceiver receiver = new WebhookReceiver();
                FaultLoad load = FaultLoad.start(rig.api(), receiver.uri().toString(), seed, CLIENTS)) {
            for (Fault fault : plan.opening()) {
                strike(List.of(fault));
            }
            for (int mixed = 0; mixed < FEWEST_MIXED || System.nanoTime() - start < time.toNanos(); mixed++) {
                strike(plan.next());
            }
            say("everything is healed, " + load.size() + " jobs so far");
            List<FaultJob> jobs = load.finish(SETTLING);
            FaultAudit audit = new FaultAudit(rig, jobs, List.copyOf(windows), receiver);
            audit.check();
            say(steps + " steps, " + byKind());
            say("duplicated records: " + new TreeMap<>(duplicator.counts()));
            say(jobs.size() + " jobs, " + load.repeats() + " repeated calls; " + audit);
            assertThat(audit.wrongs()).as("seed " + seed).isEmpty();
        }
    }

    private void strike(List<Fault> faults) throws InterruptedException {
        steps++;
        say("step " + steps + ": " + faults);
        try (ExecutorService all = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> results = new ArrayList<>();
            for (Fault fault : faults) {
                results.add(all.submit(() -> {
                    suffer(fault);
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError("Step " + steps + " of seed " + seed + " failed", e.getCause());
        }
        List<String> ended = rig.endedByThemselves();
        assertThat(ended).as("parts that ended by themselves").isEmpty();
    }

    private void suffer(Fault fault) throws InterruptedException {
        Instant struck = Instant.now();
        fault.strike(rig);
        try {
            Thread.sleep(fault.lasting());
        } finally {
            fault.heal(rig);
            windows.add(new Window(fault, struck, Instant.now()));
        }
    }

    private Map<String, Integer> byKind() {
        Map<String, Integer> counts = new TreeMap<>();
        windows.forEach(window -> counts.merge(window.fault().getClass().getSimpleName(), 1, Integer::sum));
        return counts;
    }

    private void say(String text) {
        System.out.printf("faults %6.1f s: %s%n", (System.nanoTime() - start) / 1e9, text);
    }
}
