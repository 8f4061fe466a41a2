package dev.comfygateway.standalone;

import dev.comfygateway.standalone.process.Child;
import dev.comfygateway.standalone.process.ChildPlan;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/** Starts children, starts those again that end, and stops them all. */
final class Supervisor {

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(12);
    private static final Duration LONGEST_RESTART_DELAY = Duration.ofSeconds(30);
    private static final Duration PROVEN = Duration.ofMinutes(1);

    private final StackSettings settings;
    private final ProgressLines progress;
    private final Runnable onRevival;
    private final ReentrantLock guard = new ReentrantLock();
    private final Map<String, Child> children = new LinkedHashMap<>();
    private volatile boolean stopping;

    /** @param onRevival runs each time a child that had ended serves again */
    Supervisor(StackSettings settings, ProgressLines progress, Runnable onRevival) {
        this.settings = settings;
        this.progress = progress;
        this.onRevival = onRevival;
    }

    /**
     * Starts them side by side; blocks until all of them serve.
     *
     * @throws StartFailure when one of them does not; the others go on until {@link #stop}
     */
    void startAll(List<ChildPlan> plans) throws StartFailure, InterruptedException {
        BlockingQueue<Optional<StartFailure>> results = new LinkedBlockingQueue<>();
        for (ChildPlan plan : plans) {
            Thread.ofVirtual().name("start-" + plan.name()).start(() -> {
                try {
                    Child child = startOne(plan);
                    watch(child, settings.restartDelay());
                    results.add(Optional.empty());
                } catch (StartFailure e) {
                    results.add(Optional.of(e));
                } catch (IOException | InterruptedException | RuntimeException e) {
                    results.add(Optional.of(new StartFailure(plan.name() + " cannot be started: " + e)));
                }
            });
        }
        for (int i = 0; i < plans.size(); i++) {
            Optional<StartFailure> failure = results.take();
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    /** Shows what runs, by name, unless it is being stopped; a stop waits until {@code reader} has returned. */
    void whileRunning(Consumer<Map<String, Child>> reader) {
        guard.lock();
        try {
            if (!stopping) {
                reader.accept(Collections.unmodifiableMap(children));
            }
        } finally {
            guard.unlock();
        }
    }

    /**
     * Stops everything, and lets nothing start any more; blocks until all children have ended.
     *
     * @param last names of those that are stopped after the others
     * @return whether there was anything to stop
     */
    boolean stop(Set<String> last) {
        List<Child> running;
        guard.lock();
        try {
            stopping = true;
            running = List.copyOf(children.values());
            children.clear();
        } finally {
            guard.unlock();
        }
        if (running.isEmpty()) {
            return false;
        }
        progress.say("stopping");
        stop(running.stream()
                .filter(child -> !last.contains(child.plan().name()))
                .toList());
        stop(running.stream()
                .filter(child -> last.contains(child.plan().name()))
                .toList());
        return true;
    }

    private static void stop(List<Child> some) {
        some.forEach(Child::askToStop);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(STOP_PATIENCE.toSeconds());
        some.forEach(child -> child.awaitEnd(deadline));
    }

    private Child startOne(ChildPlan plan) throws StartFailure, IOException, InterruptedException {
        long begin = System.nanoTime();
        Child child = spawn(plan);
        while (!plan.readiness().isReady(child)) {
            if (!child.process().isAlive()) {
                throw new StartFailure(plan.name() + " did not start (exit "
                        + child.process().exitValue() + "): " + child.reason() + " [log: " + plan.log() + "]");
            }
            if (System.nanoTime() - begin > plan.patience().toNanos()) {
                throw new StartFailure(plan.name() + " was not ready after "
                        + plan.patience().toSeconds() + " s: " + child.reason() + " [log: " + plan.log() + "]");
            }
            Thread.sleep(100);
        }
        progress.say(String.format(
                "%-20s ready at %s after %.1f s", plan.name(), plan.address(), (System.nanoTime() - begin) / 1e9));
        return child;
    }

    private Child spawn(ChildPlan plan) throws StartFailure, IOException {
        guard.lock();
        try {
            // Under the same lock as the stop's snapshot: no child can slip in between.
            if (stopping) {
                throw new StartFailure("The stack is stopping");
            }
            Child child = Child.spawn(plan);
            children.put(plan.name(), child);
            return child;
        } finally {
            guard.unlock();
        }
    }

    private void watch(Child child, Duration delay) {
        long since = System.nanoTime();
        Thread.ofVirtual().name("watch-" + child.plan().name()).start(() -> {
            try {
                child.process().waitFor();
                revive(child, System.nanoTime() - since, delay);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void revive(Child dead, long livedNanos, Duration lastDelay) {
        Duration delay = livedNanos > PROVEN.toNanos() ? settings.restartDelay() : lastDelay;
        String name = dead.plan().name();
        try {
            // A Ctrl-C reaches the whole group, and a child may be gone before we hear of it ourselves.
            Thread.sleep(500);
            if (stopping) {
                return;
            }
            String how = name + " ended (exit " + dead.process().exitValue() + "): " + dead.reason() + " [log: "
                    + dead.plan().log() + "]";
            if (!settings.restart()) {
                progress.warn(how + "; not restarted, as COMFYGW_RESTART is off");
                return;
            }
            while (!stopping) {
                progress.warn(how + "; restarting in " + delay.toMillis() + " ms");
                Thread.sleep(delay);
                delay = delay.multipliedBy(2).compareTo(LONGEST_RESTART_DELAY) > 0
                        ? LONGEST_RESTART_DELAY
                        : delay.plus(delay);
                try {
                    Child next = startOne(dead.plan());
                    watch(next, delay);
                    onRevival.run();
                    return;
                } catch (StartFailure | IOException e) {
                    how = String.valueOf(e.getMessage());
                    stopHung(name);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A child that never became ready must not stand in the way of its successor. */
    private void stopHung(String name) {
        Child hung;
        guard.lock();
        try {
            hung = children.get(name);
        } finally {
            guard.unlock();
        }
        if (hung != null) {
            hung.awaitEnd(System.nanoTime());
        }
    }
}
