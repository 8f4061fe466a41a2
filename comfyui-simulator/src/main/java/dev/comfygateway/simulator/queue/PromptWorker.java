package dev.comfygateway.simulator.queue;

import dev.comfygateway.simulator.node.WorkerDeath;
import dev.comfygateway.simulator.run.GraphRunner;
import dev.comfygateway.simulator.run.PromptEvents;
import dev.comfygateway.simulator.socket.SocketHub;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.node.ObjectNode;

/** The one thread that runs prompts, one after the other. */
@Component
class PromptWorker implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(PromptWorker.class);

    private final PromptQueue queue;
    private final GraphRunner runner;
    private final SocketHub sockets;
    private final RunLog runs;
    private @Nullable Thread thread;

    PromptWorker(PromptQueue queue, GraphRunner runner, SocketHub sockets, RunLog runs) {
        this.queue = queue;
        this.runner = runner;
        this.sockets = sockets;
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

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void work() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                PromptItem item = queue.take();
                if (item == null) {
                    runner.dropCache();
                } else {
                    run(item);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (WorkerDeath e) {
            log.warn("worker thread died: prompts are accepted and never run");
        }
    }

    private void run(PromptItem item) {
        PromptEvents events = new PromptEvents(sockets, item.id(), item.clientId());
        Instant began = Instant.now();
        long start = System.nanoTime();
        ObjectNode entry = runner.run(item, events, queue::takeInterrupt);
        runs.add(item.id(), began, Duration.ofNanos(System.nanoTime() - start));
        queue.done(item, entry);
        events.ended();
        log.info(
                "prompt finished prompt.id={} status={} millis={}",
                item.id(),
                entry.at("/status/status_str").asString(),
                (System.nanoTime() - start) / 1_000_000);
    }
}
