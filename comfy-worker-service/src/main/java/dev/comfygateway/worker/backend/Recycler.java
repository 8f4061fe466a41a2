package dev.comfygateway.worker.backend;

import dev.comfygateway.observability.LogKeys;
import java.io.IOException;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether the process behind one backend has to be replaced, and has that done, once at a time and while nothing
 * of ours runs there. Thread safe.
 *
 * <p>A process whose GPU context is broken is not used again before a new one is there, whoever starts it. One that is
 * to be replaced for another reason is used again while the hook fails.
 */
final class Recycler {

    private static final Logger log = LoggerFactory.getLogger(Recycler.class);
    private static final long TRIAL_PAUSE = TimeUnit.SECONDS.toNanos(15);

    private final String backendId;
    private final URI address;
    private final Slot slot;
    private final RecycleHook hook;
    private @Nullable RecycleReason reason;
    private boolean calling;
    private int failures;
    private long nextTry;
    private long nextTrial;
    private int prompts;
    private long freeAtStart = -1;

    Recycler(String backendId, URI address, Slot slot, RecycleHook hook) {
        this.backendId = backendId;
        this.address = address;
        this.slot = slot;
        this.hook = hook;
    }

    /** It has to be replaced. Without a hook only a broken one counts. */
    synchronized void need(RecycleReason why) {
        boolean broken = why == RecycleReason.DEVICE_ERROR;
        if (reason == why || (!broken && (reason != null || !hook.isSet()))) {
            return;
        }
        reason = why;
        failures = 0;
        nextTry = System.nanoTime();
        nextTrial = nextTry + TRIAL_PAUSE;
        log.atWarn()
                .addKeyValue(LogKeys.BACKEND_ID, backendId)
                .addKeyValue("reason", why.text())
                .log(
                        hook.isSet()
                                ? "ComfyUI gets no work until it is replaced"
                                : "ComfyUI gets no work until somebody restarts it");
    }

    /** Whether it must get no prompt now. */
    synchronized boolean blocksWork() {
        return reason == RecycleReason.DEVICE_ERROR || (reason != null && (calling || isOver(nextTry)));
    }

    /** Whether a prompt of no use should be sent now: its number shows whether a new process has come. */
    synchronized boolean wantsTrial() {
        if (reason == null || !(calling || (reason == RecycleReason.DEVICE_ERROR && isOver(nextTrial)))) {
            return false;
        }
        nextTrial = System.nanoTime() + TRIAL_PAUSE;
        return true;
    }

    /** One more prompt was sent that somebody wants the result of. */
    synchronized void prompted() {
        prompts++;
        int most = hook.settings().afterPrompts();
        if (most > 0 && prompts >= most) {
            need(RecycleReason.PROMPT_COUNT);
        }
    }

    /** A new process answers. */
    synchronized boolean isNew() {
        boolean wanted = reason != null;
        reason = null;
        prompts = 0;
        freeAtStart = -1;
        notifyAll();
        return wanted;
    }

    /** So much memory is free while nothing runs. */
    synchronized void idle(long free) {
        if (freeAtStart < 0) {
            freeAtStart = free;
        }
    }

    boolean watchesMemory() {
        return hook.isSet() && hook.settings().leastFreeShare() > 0;
    }

    /** Whether too little is free after everything was unloaded. */
    synchronized boolean leaks(long free) {
        freeAtStart = Math.max(freeAtStart, free);
        return free < hook.settings().leastFreeShare() * freeAtStart;
    }

    /** Called now and then; calls the hook, on a thread of its own, when that is due. */
    void step() {
        RecycleReason due;
        synchronized (this) {
            due = reason;
            if (due == null || calling || !hook.isSet() || !isOver(nextTry) || !slot.isIdle()) {
                return;
            }
            calling = true;
        }
        Thread.ofVirtual().name("recycle-" + backendId).start(() -> recycle(due));
    }

    private void recycle(RecycleReason why) {
        log.atInfo()
                .addKeyValue(LogKeys.BACKEND_ID, backendId)
                .addKeyValue("reason", why.text())
                .log("ComfyUI is being replaced");
        String problem;
        try {
            hook.call(backendId, address, why);
            problem = "no new process has answered in time";
            awaitNew();
        } catch (IOException e) {
            problem = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "interrupted";
        }
        settled(problem);
    }

    private synchronized void awaitNew() throws InterruptedException {
        long deadline = System.nanoTime() + hook.settings().timeout().toNanos();
        while (reason != null && !isOver(deadline)) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline - System.nanoTime());
        }
    }

    private synchronized void settled(@Nullable String problem) {
        calling = false;
        if (reason == null) {
            log.atInfo().addKeyValue(LogKeys.BACKEND_ID, backendId).log("ComfyUI was replaced");
            return;
        }
        nextTry = System.nanoTime() + (hook.settings().repeatAfter().toNanos() << Math.min(failures, 4));
        failures++;
        log.atWarn()
                .addKeyValue(LogKeys.BACKEND_ID, backendId)
                .addKeyValue("tries", failures)
                .log("ComfyUI could not be replaced: {}", problem);
    }

    private static boolean isOver(long time) {
        return System.nanoTime() - time >= 0;
    }
}
