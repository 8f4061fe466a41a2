package dev.comfygateway.simulator.queue;

import dev.comfygateway.simulator.fault.FaultHooks;
import dev.comfygateway.simulator.node.WorkerDeath;
import dev.comfygateway.simulator.run.GraphRunner;
import dev.comfygateway.simulator.run.PromptEvents;
import dev.comfygateway.simulator.socket.SocketHub;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The one thread that runs prompts, one after the other. */
@Component
public class PromptWorker implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(PromptWorker.class);

    private static final Duration ABANDON = Duration.ofSeconds(2);

    private final PromptQueue queue;
    private final GraphRunner runner;
    private final SocketHub sockets;
    private final FaultHooks faults;
    private final RunLog runs;
    private volatile @Nullable Thread thread;

    PromptWorker(PromptQueue queue, GraphRunner runner, SocketHub sockets, FaultHooks faults, RunLog runs) {
        this.queue = queue;
        this.runner = runner;
        this.sockets = sockets;
        this.faults = faults;
        this.runs = runs;
    }

    @Override
    public void start() {
        thread = Thread.ofPlatform().daemon().name("prompt-worker").start(this::work);
    }

    @Override
    public void stop() {
        Thread worker = thread;
        if (worker != null) {
            worker.interrupt();
        }
        thread = null;
    }

    /** Ends the thread, wherever it is, and returns when it is gone; at once when it is the caller. */
    public void abandon() throws InterruptedException {
        Thread worker = thread;
        stop();
        if (worker != null && !worker.equals(Thread.currentThread())) {
            worker.join(ABANDON);
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void work() {
        faults.workerStarted();
        runner.dropCache();
        try {
            while (!Thread.currentThread().isInterrupted()) {
                PromptItem item = queue.take();
                if (item == null) {
                    runner.dropCache();
                } else {
                    run(item);
                }
            }
        } catch (InterruptedException | CancellationException e) {
            // The process ends, and tells nobody.
            Thread.currentThread().interrupt();
        } catch (WorkerDeath e) {
            log.warn("worker thread died: prompts are accepted and never run");
        }
    }

    private void run(PromptItem item) {
        PromptEvents events = new PromptEvents(sockets, item.id(), item.clientId());
        Instant began = Instant.now();
        long start = System.nanoTime();
        faults.promptStarted(item.id(), item.extraData());
        ObjectNode entry = runner.run(item, events, () -> faults.stops(item.id(), queue::takeInterrupt));
        runs.add(item.id(), began, Duration.ofNanos(System.nanoTime() - start));
        faults.promptEnding(item.id());
        queue.done(item, entry);
        events.ended();
        faults.promptEnded(item.id());
        log.info(
                "prompt finished prompt.id={} status={} millis={}",
                item.id(),
                entry.at("/status/status_str").asString(),
                (System.nanoTime() - start) / 1_000_000);
    }
}
