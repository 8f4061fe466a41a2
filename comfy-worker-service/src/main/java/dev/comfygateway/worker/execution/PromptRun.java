package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.backend.comfy.QueueState;
import dev.comfygateway.worker.settings.ExecutionProperties;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.JsonNode;

/**
 * Sends one prompt and follows it to its end. Messages of the socket are hints; the history entry is the truth, and it
 * is asked for in any case: when the end marker comes, and every few seconds whatever the socket says.
 */
final class PromptRun {

    private static final Logger log = LoggerFactory.getLogger(PromptRun.class);
    private static final Duration SHORT_CANCEL = Duration.ofSeconds(5);
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SOCKETLESS_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** What wakes the follower. */
    private sealed interface Wake {
        record Said(PromptSignal signal) implements Wake {}

        record Saw(PromptLook look) implements Wake {}

        record Stop() implements Wake {}
    }

    private final Attempt attempt;
    private final Backend backend;
    private final ComfyClient client;
    private final String promptId;
    private final ProgressTracker tracker;
    private final PromptListener listener;
    private final ExecutionProperties settings;
    private final HeardOutputs outputs;
    private final PromptEnd end;
    private final PromptSubmission submission;
    private final PromptCancellation cancellation;
    private final PromptLimits limits;
    private final LinkedBlockingQueue<Wake> wakes = new LinkedBlockingQueue<>();
    private volatile boolean heard;
    private volatile boolean over;

    private boolean socketless;
    private boolean socketBroke;
    private boolean manyServers;
    private @Nullable JsonNode errorSeen;
    private long sent;
    private long lastSaid;
    private long nextLook;
    private long absentSince;
    private long refusedSince;
    private long stuckSince;
    private boolean looking;
    private boolean othersRun;

    PromptRun(
            Attempt attempt,
            Prompt prompt,
            ProgressTracker tracker,
            PromptListener listener,
            ExecutionProperties settings) {
        this.attempt = attempt;
        this.backend = attempt.backend();
        this.client = backend.client();
        this.promptId = prompt.id();
        this.tracker = tracker;
        this.listener = listener;
        this.settings = settings;
        this.outputs = new HeardOutputs(prompt.graph(), prompt.outputClasses());
        this.end = new PromptEnd(promptId, backend, outputs);
        this.submission = new PromptSubmission(attempt, prompt.graph(), promptId, settings, () -> heard);
        this.cancellation = new PromptCancellation(backend, promptId, settings);
        this.limits = new PromptLimits(attempt);
    }

    /**
     * Blocks until the prompt has ended.
     *
     * @throws AttemptFailedException when it did not end well
     * @throws AttemptStoppedException when the attempt was stopped; the prompt is canceled then
     */
    PromptResult run() throws InterruptedException {
        // Listening begins before the prompt is sent: its first events can be faster than the answer.
        backend.socket().subscribe(promptId, this::hear);
        attempt.onStop(() -> wakes.add(new Wake.Stop()));
        try (outputs) {
            send();
            return followOrCancel();
        } finally {
            attempt.onStop(null);
            backend.socket().unsubscribe(promptId);
            over = true;
            dropPictures();
        }
    }

    private void hear(PromptSignal signal) {
        heard |= signal instanceof PromptSignal.Message;
        wakes.add(new Wake.Said(signal));
        if (over) {
            dropPictures();
        }
    }

    private void send() throws InterruptedException {
        try {
            socketless = !submission.send();
            socketBroke = socketless;
        } catch (AttemptFailedException | AttemptStoppedException e) {
            if (submission.isUncertain()) {
                cancellation.run(SHORT_CANCEL);
            }
            throw e;
        }
    }

    private PromptResult followOrCancel() throws InterruptedException {
        try {
            return follow();
        } catch (AttemptFailedException | AttemptStoppedException e) {
            throw e;
        } catch (RuntimeException e) {
            cancellation.run(SHORT_CANCEL);
            throw e;
        }
    }

    private PromptResult follow() throws InterruptedException {
        sent = System.nanoTime();
        lastSaid = sent;
        nextLook = sent + (socketless ? SOCKETLESS_POLL_NANOS / 5 : pollNanos());
        while (true) {
            StopReason reason = attempt.stopReason();
            if (reason != null) {
                cancellation.run(reason == StopReason.EVICTED ? SHORT_CANCEL : settings.cancelAtMost());
                throw new AttemptStoppedException(reason);
            }
            long now = System.nanoTime();
            PromptLimits.Exceeded exceeded = exceededLimit(now);
            if (exceeded != null) {
                return resultAtTheLimit(exceeded);
            }
            if (!looking && now >= nextLook) {
                looking = true;
                boolean thorough = absentSince != 0;
                Thread.ofVirtual()
                        .name("look-" + promptId)
                        .start(() -> wakes.add(new Wake.Saw(PromptLook.of(client, promptId, thorough))));
            }
            long patience = looking ? TimeUnit.MILLISECONDS.toNanos(500) : Math.min(nextLook - now, 500_000_000L);
            Wake wake = wakes.poll(Math.max(patience, 0), TimeUnit.NANOSECONDS);
            PromptResult result = wake == null ? null : woken(wake, System.nanoTime());
            if (result != null) {
                tracker.completed();
                return result;
            }
        }
    }

    /** The result, once there is one. */
    private @Nullable PromptResult woken(Wake wake, long now) throws InterruptedException {
        return switch (wake) {
            case Wake.Stop() -> null; // seen by the follower
            case Wake.Said(PromptSignal signal) -> said(signal, now);
            case Wake.Saw(PromptLook.Finished(JsonNode entry)) -> read(entry);
            case Wake.Saw(PromptLook.Absent(QueueState queue)) -> looked(queue, now);
            case Wake.Saw(PromptLook.Blind(boolean refused)) -> blind(refused, now);
        };
    }

    private @Nullable PromptResult said(PromptSignal signal, long now) throws InterruptedException {
        switch (signal) {
            case PromptSignal.SocketLost() -> {
                socketless = true;
                socketBroke = true;
                nextLook = now;
            }
            case PromptSignal.Picture picture -> {
                lastSaid = now;
                if (outputs.isResult(picture)) {
                    outputs.keep(picture);
                } else {
                    listener.preview(picture);
                }
            }
            case PromptSignal.Text _ -> lastSaid = now;
            case PromptSignal.Message(String type, JsonNode data) -> {
                lastSaid = now;
                tracker.apply(type, data);
                outputs.apply(type, data);
                return message(type, data, now);
            }
        }
        return null;
    }

    private @Nullable PromptResult message(String type, JsonNode data, long now) throws InterruptedException {
        switch (type) {
            case "executing" -> {
                if (data.path("node").isNull()) {
                    if (errorSeen == null) {
                        // After an error memory may have to be freed first.
                        listener.ended();
                    }
                    JsonNode entry = entryAfterMarker();
                    if (entry != null) {
                        return read(entry);
                    }
                    nextLook = now + SOON_NANOS;
                }
            }
            // The history entry follows this message; the end marker follows the entry.
            case "execution_success" -> nextLook = Math.min(nextLook, now + SOON_NANOS * 2);
            case "execution_error", "execution_interrupted" -> {
                if (!data.path("exception_type").asString("").equals("ExecutionBlocked")) {
                    errorSeen = data;
                    nextLook = Math.min(nextLook, now + SOON_NANOS * 2);
                }
            }
            default -> {
                // progress, handled by the tracker
            }
        }
        return null;
    }

    private @Nullable PromptResult looked(QueueState queue, long now) throws InterruptedException {
        looking = false;
        refusedSince = 0;
        nextLook = now + (socketless ? SOCKETLESS_POLL_NANOS : pollNanos());
        othersRun = queue.running().stream().anyMatch(id -> !backend.hasAbandoned(id));
        if (queue.holds(promptId)) {
            if (absentSince != 0) {
                noteManyServers();
            }
            absentSince = 0;
            if (queue.running().contains(promptId)) {
                stuckSince = 0;
                if (!tracker.started()) {
                    lastSaid = now;
                    tracker.start();
                }
            } else {
                checkStuck(queue, now);
            }
        } else if (absentSince == 0) {
            absentSince = now;
            nextLook = now + settings.lostAfter().toNanos();
        } else if (lastSaid > absentSince && outputs.complete()) {
            noteManyServers();
            return end.heard(tracker.cachedNodes(), millis(now - sent));
        } else if (lastSaid > absentSince) {
            // It talks to us, so it is somewhere: the server that answers is not the one that runs it.
            noteManyServers();
            absentSince = now;
            nextLook = now + settings.lostAfter().toNanos();
        } else if (now - absentSince >= settings.lostAfter().toNanos()) {
            if (outputs.complete()) {
                noteManyServers();
                return end.heard(tracker.cachedNodes(), millis(now - sent));
            }
            throw errorSeen != null ? end.failed(errorSeen) : PromptFailures.lost(socketBroke && heard, manyServers);
        }
        return null;
    }

    private void noteManyServers() {
        if (!manyServers) {
            manyServers = true;
            log.warn("The address of {} seems to lead to several ComfyUI servers", backend.id());
        }
    }

    private @Nullable PromptResult blind(boolean refused, long now) {
        looking = false;
        nextLook = now + pollNanos();
        if (!refused) {
            // A server busy with native code answers late; the time limits judge that.
            refusedSince = 0;
        } else if (refusedSince == 0) {
            refusedSince = now;
        } else if (now - refusedSince >= settings.unreachableAfter().toNanos()) {
            backend.abandon(promptId);
            throw PromptFailures.unreachable();
        }
        return null;
    }

    /**
     * The thread that runs prompts can die while the server goes on answering. Then ours waits although nothing runs,
     * or behind a prompt that is long over.
     */
    private void checkStuck(QueueState queue, long now) throws InterruptedException {
        if (tracker.started() || queue.running().stream().anyMatch(id -> !backend.hasAbandoned(id))) {
            stuckSince = 0;
        } else if (stuckSince == 0) {
            stuckSince = now;
        } else if (now - stuckSince >= settings.stuckAfter().toNanos()) {
            backend.suspect("it takes prompts and does not run them");
            cancellation.run(SHORT_CANCEL);
            throw PromptFailures.stuck();
        }
    }

    private PromptLimits.@Nullable Exceeded exceededLimit(long now) {
        PromptLimits.Exceeded exceeded = limits.total(now);
        if (exceeded == null && !tracker.started()) {
            exceeded = limits.start(sent, now);
        } else if (exceeded == null && heard && !socketless) {
            exceeded = limits.progress(lastSaid, now);
        }
        return exceeded;
    }

    /** A result that is there just past the limit, or while the prompt is being stopped for it, is not thrown away. */
    private PromptResult resultAtTheLimit(PromptLimits.Exceeded exceeded) throws InterruptedException {
        JsonNode entry = entryNow();
        if (entry == null) {
            cancellation.run(SHORT_CANCEL);
            entry = entryAfterMarker();
            if (entry == null || !entry.at("/status/status_str").asString("").equals("success")) {
                // Who waits behind others does not fail for it: another server may be free.
                throw exceeded.failure(!tracker.started() && othersRun);
            }
        }
        PromptResult result = read(entry);
        tracker.completed();
        return result;
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    private long pollNanos() {
        return settings.pollInterval().toNanos();
    }

    private @Nullable JsonNode entryAfterMarker() throws InterruptedException {
        for (int pause : List.of(0, 20, 60)) {
            Thread.sleep(pause);
            JsonNode entry = entryNow();
            if (entry != null) {
                return entry;
            }
        }
        return null;
    }

    private @Nullable JsonNode entryNow() {
        try {
            return client.history(promptId).orElse(null);
        } catch (RestClientException | ComfyAnswerException e) {
            log.debug("History not readable", e);
            return null;
        }
    }

    private PromptResult read(JsonNode entry) {
        return end.read(entry, errorSeen, millis(System.nanoTime() - sent), !socketBroke, manyServers);
    }

    private void dropPictures() {
        for (Wake wake = wakes.poll(); wake != null; wake = wakes.poll()) {
            if (wake instanceof Wake.Said(PromptSignal.Picture picture)) {
                picture.close();
            }
        }
    }
}
