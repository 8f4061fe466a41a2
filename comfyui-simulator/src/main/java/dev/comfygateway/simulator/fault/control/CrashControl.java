package dev.comfygateway.simulator.fault.control;

import dev.comfygateway.simulator.fault.Fault;
import dev.comfygateway.simulator.fault.PromptFaults;
import dev.comfygateway.simulator.fault.ServerControl;
import dev.comfygateway.simulator.files.Folders;
import dev.comfygateway.simulator.history.History;
import dev.comfygateway.simulator.queue.PromptNumbers;
import dev.comfygateway.simulator.queue.PromptQueue;
import dev.comfygateway.simulator.queue.PromptWorker;
import dev.comfygateway.simulator.socket.SocketHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;
import reactor.core.scheduler.Schedulers;

/** Ends the server and starts it again within one process. */
@Component
@ConditionalOnProperty("comfy.simulator.faults")
final class CrashControl implements ServerControl {

    private static final Logger log = LoggerFactory.getLogger(CrashControl.class);
    /** Shorter is not possible: the old connections must be gone before new ones with their ids come. */
    private static final long SHORTEST_MILLIS = 50;

    private final ConnectionGate gate;
    private final PromptFaults prompts;
    private final PromptWorker worker;
    private final PromptQueue queue;
    private final PromptNumbers numbers;
    private final History history;
    private final SocketHub sockets;
    private final Folders folders;
    private final Readiness readiness;

    CrashControl(
            ConnectionGate gate,
            PromptFaults prompts,
            PromptWorker worker,
            PromptQueue queue,
            PromptNumbers numbers,
            History history,
            SocketHub sockets,
            Folders folders,
            Readiness readiness) {
        this.gate = gate;
        this.prompts = prompts;
        this.worker = worker;
        this.queue = queue;
        this.numbers = numbers;
        this.history = history;
        this.sockets = sockets;
        this.folders = folders;
        this.readiness = readiness;
    }

    @Override
    public synchronized void crash(Fault fault) {
        long down = Math.max(SHORTEST_MILLIS, fault.number("down_ms", 500));
        log.warn("scripted crash fault={} millis={}", fault.id(), down);
        gate.shut();
        try {
            forgetEverything(fault);
        } finally {
            // Whatever became of the files: a server that never comes back is another fault than the one asked for.
            Schedulers.boundedElastic().schedule(() -> restart(fault), down, TimeUnit.MILLISECONDS);
        }
    }

    private void forgetEverything(Fault fault) {
        prompts.abandonWorkers();
        try {
            worker.abandon();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        queue.forget();
        history.clear();
        sockets.forget();
        numbers.reset(fault.number("first_number", 0));
        try {
            folders.emptyTemp();
        } catch (IOException | UncheckedIOException e) {
            log.warn("the temp folder could not be emptied", e);
        }
    }

    private synchronized void restart(Fault fault) {
        worker.start();
        readiness.notFor(fault.time("warm_up_ms", 0));
        gate.open();
        log.warn("started again after a scripted crash fault={}", fault.id());
    }

    @Override
    public void dropSockets() {
        gate.dropSockets();
    }
}
