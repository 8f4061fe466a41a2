package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.PromptAnswer;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.backend.comfy.QueueState;
import dev.comfygateway.worker.settings.ExecutionProperties;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientException;
import tools.jackson.databind.JsonNode;

/**
 * Sends one prompt and follows it to its end. Messages of the socket are hints; the history entry is the truth, and it
 * is asked for in any case: when the end marker comes, and every few seconds whatever the socket says.
 */
final class PromptRun {

    private static final Logger log = LoggerFactory.getLogger(PromptRun.class);
    private static final int SENDS = 3;
    private static final Duration EVICTION_CANCEL = Duration.ofSeconds(5);
    private static final long SOON_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long SOCKETLESS_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    /** What wakes the follower. */
    private sealed interface Wake {
        record Said(PromptSignal signal) implements Wake {}

        /** A look into history and queue; {@code queue} is null when history had it. */
        record Looked(@Nullable JsonNode entry, @Nullable QueueState queue) implements Wake {}

        /** The look failed. */
        record Blind(boolean refused) implements Wake {}

        record Stop() implements Wake {}
    }

    private final Attempt attempt;
    private final Backend backend;
    private final ComfyClient client;
    private final Map<String, Object> graph;
    private final String promptId;
    private final ProgressTracker tracker;
    private final ExecutionProperties settings;
    private final LinkedBlockingQueue<Wake> wakes = new LinkedBlockingQueue<>();
    private boolean socketless;
    private volatile boolean heard;
    private @Nullable JsonNode errorSeen;

    PromptRun(
            Attempt attempt,
            Map<String, Object> graph,
            String promptId,
            ProgressTracker tracker,
            ExecutionProperties settings) {
        this.attempt = attempt;
        this.backend = attempt.backend();
        this.client = backend.client();
        this.graph = graph;
        this.promptId = promptId;
        this.tracker = tracker;
        this.settings = settings;
    }

    /**
     * Blocks until the prompt has ended.
     *
     * @throws AttemptFailedException when it did not end well
     * @throws AttemptStoppedException when the attempt was stopped; the prompt is canceled then
     */
    PromptResult run() throws InterruptedException {
        // Listening begins before the prompt is sent: its first events can be faster than the answer.
        backend.socket().subscribe(promptId, signal -> {
            heard |= signal instanceof PromptSignal.Message;
            wakes.add(new Wake.Said(signal));
        });
        attempt.onStop(() -> wakes.add(new Wake.Stop()));
        try {
            submit();
            return follow();
        } finally {
            attempt.onStop(null);
            backend.socket().unsubscribe(promptId);
        }
    }

    private void submit() throws InterruptedException {
        for (int tries = 1; ; tries++) {
            attempt.check();
            String clientId = backend.socket().connect();
            socketless = clientId == null;
            try {
                PromptAnswer answer = client.submit(promptId, clientId, graph);
                switch (answer) {
                    case PromptAnswer.Refused(int status, JsonNode body) ->
                        throw new AttemptFailedException(FailureMapper.refused(status, body, graph));
                    case PromptAnswer.Accepted(String id, JsonNode nodeErrors) -> accepted(id, nodeErrors);
                }
                return;
            } catch (ComfyAnswerException e) {
                if (e.status() < 500) {
                    throw new AttemptFailedException(
                            ErrorCode.COMFYUI_PROTOCOL_ERROR,
                            FailureCategory.BACKEND_LOST,
                            "ComfyUI answered the prompt with status " + e.status());
                }
                if (isKnown()) {
                    return;
                }
                if (tries >= SENDS) {
                    throw new AttemptFailedException(
                            ErrorCode.COMFYUI_PROTOCOL_ERROR,
                            FailureCategory.BACKEND_LOST,
                            "ComfyUI could not take the prompt (status " + e.status() + ")");
                }
            } catch (ResourceAccessException e) {
                // Sending is not idempotent: the prompt may be there although its answer is not.
                if (isKnown()) {
                    return;
                }
                if (tries >= SENDS) {
                    throw unreachable();
                }
            }
        }
    }

    private void accepted(String id, JsonNode nodeErrors) throws InterruptedException {
        if (!id.equals(promptId)) {
            throw new AttemptFailedException(
                    ErrorCode.COMFYUI_PROTOCOL_ERROR,
                    FailureCategory.BACKEND_LOST,
                    "ComfyUI gave the prompt another id");
        }
        if (!nodeErrors.isEmpty() && !attempt.grant().allowPartialOutputs()) {
            cancel(null);
            throw new AttemptFailedException(
                    FailureMapper.nodeErrors(nodeErrors, "ComfyUI refused some outputs of the workflow"));
        }
    }

    /** Whether a prompt whose answer was lost has arrived. Waits for the server to come back for a while. */
    private boolean isKnown() throws InterruptedException {
        long deadline = System.nanoTime() + settings.unreachableAfter().toNanos();
        long pause = 100;
        while (true) {
            attempt.check();
            if (heard) {
                return true;
            }
            try {
                return client.queue().holds(promptId)
                        || client.history(promptId).isPresent();
            } catch (RestClientException | ComfyAnswerException e) {
                if (System.nanoTime() > deadline) {
                    throw unreachable();
                }
            }
            Thread.sleep(pause);
            pause = Math.min(pause * 2, 2_000);
        }
    }

    private PromptResult follow() throws InterruptedException {
        long sent = System.nanoTime();
        long lastSaid = sent;
        long nextLook = sent
                + (socketless
                        ? SOCKETLESS_POLL_NANOS / 5
                        : settings.pollInterval().toNanos());
        long absentSince = 0;
        long refusedSince = 0;
        boolean looking = false;
        while (true) {
            StopReason reason = attempt.stopReason();
            if (reason != null) {
                cancel(reason == StopReason.EVICTED ? EVICTION_CANCEL : null);
                throw new AttemptStoppedException(reason);
            }
            long now = System.nanoTime();
            checkLimits(now, sent, lastSaid);
            if (!looking && now >= nextLook) {
                looking = true;
                Thread.ofVirtual().name("look-" + promptId).start(this::look);
            }
            long patience = looking ? TimeUnit.MILLISECONDS.toNanos(500) : Math.min(nextLook - now, 500_000_000L);
            Wake wake = wakes.poll(Math.max(patience, 0), TimeUnit.NANOSECONDS);
            now = System.nanoTime();
            switch (wake) {
                case null -> {
                    // time to look at the limits and the clock again
                }
                case Wake.Stop() -> {
                    // seen at the top
                }
                case Wake.Said(PromptSignal.SocketLost()) -> {
                    socketless = true;
                    nextLook = now;
                }
                case Wake.Said(PromptSignal.Message(String type, JsonNode data)) -> {
                    lastSaid = now;
                    tracker.apply(type, data);
                    switch (type) {
                        case "executing" -> {
                            if (data.path("node").isNull()) {
                                JsonNode entry = entryAfterMarker();
                                if (entry != null) {
                                    return finish(entry, sent);
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
                }
                case Wake.Looked(JsonNode entry, QueueState queue) -> {
                    looking = false;
                    refusedSince = 0;
                    nextLook = now
                            + (socketless
                                    ? SOCKETLESS_POLL_NANOS
                                    : settings.pollInterval().toNanos());
                    if (entry != null) {
                        return finish(entry, sent);
                    }
                    if (queue != null && queue.holds(promptId)) {
                        absentSince = 0;
                        if (queue.running().contains(promptId)) {
                            tracker.start();
                        }
                    } else if (absentSince == 0) {
                        absentSince = now;
                        nextLook = now + settings.lostAfter().toNanos();
                    } else if (now - absentSince >= settings.lostAfter().toNanos()) {
                        throw lost();
                    }
                }
                case Wake.Blind(boolean refused) -> {
                    looking = false;
                    nextLook = now + settings.pollInterval().toNanos();
                    if (!refused) {
                        // A server busy with native code answers late; the time limits judge that.
                        refusedSince = 0;
                    } else if (refusedSince == 0) {
                        refusedSince = now;
                    } else if (now - refusedSince >= settings.unreachableAfter().toNanos()) {
                        throw unreachable();
                    }
                }
            }
        }
    }

    private void checkLimits(long now, long sent, long lastSaid) throws InterruptedException {
        var limits = attempt.grant().limits();
        String exceeded = null;
        if (limits.totalSeconds() > 0 && elapsed(attempt.grantedAt(), now, limits.totalSeconds())) {
            exceeded = "ComfyUI did not finish within " + limits.totalSeconds() + " s";
        } else if (!tracker.started() && limits.startSeconds() > 0 && elapsed(sent, now, limits.startSeconds())) {
            exceeded = "ComfyUI did not start the prompt within " + limits.startSeconds() + " s";
        } else if (tracker.started()
                && !socketless
                && limits.noProgressSeconds() > 0
                && elapsed(lastSaid, now, limits.noProgressSeconds())) {
            exceeded = "ComfyUI said nothing about the prompt for " + limits.noProgressSeconds() + " s";
        }
        if (exceeded != null) {
            cancel(EVICTION_CANCEL);
            throw new AttemptFailedException(ErrorCode.COMFYUI_TIMEOUT, FailureCategory.TIMEOUT, exceeded);
        }
    }

    private static boolean elapsed(long since, long now, int seconds) {
        return now - since > TimeUnit.SECONDS.toNanos(seconds);
    }

    /** Reads history, then the queue: a prompt that ends between the two is found at the next look. */
    private void look() {
        try {
            Optional<JsonNode> entry = client.history(promptId);
            wakes.add(new Wake.Looked(entry.orElse(null), entry.isPresent() ? null : client.queue()));
        } catch (ResourceAccessException e) {
            wakes.add(new Wake.Blind(!isTimeout(e)));
        } catch (RestClientException | ComfyAnswerException e) {
            wakes.add(new Wake.Blind(false));
        }
    }

    private static boolean isTimeout(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof java.net.ConnectException) {
                return false;
            }
            if (cause instanceof java.net.http.HttpTimeoutException
                    || cause instanceof java.net.SocketTimeoutException) {
                return true;
            }
        }
        return false;
    }

    private @Nullable JsonNode entryAfterMarker() throws InterruptedException {
        for (int pause : List.of(0, 20, 60)) {
            Thread.sleep(pause);
            try {
                Optional<JsonNode> entry = client.history(promptId);
                if (entry.isPresent()) {
                    return entry.get();
                }
            } catch (RestClientException | ComfyAnswerException e) {
                log.debug("History not readable at the end marker", e);
            }
        }
        return null;
    }

    private PromptResult finish(JsonNode entry, long sent) {
        JsonNode status = entry.path("status");
        long startedAt = 0;
        long endedAt = 0;
        Set<String> cached = new HashSet<>();
        for (JsonNode message : status.path("messages")) {
            JsonNode data = message.path(1);
            long at = data.path("timestamp").asLong(0);
            switch (message.path(0).asString("")) {
                case "execution_start" -> startedAt = at;
                case "execution_success" -> endedAt = at;
                case "execution_cached" -> data.path("nodes").forEach(node -> cached.add(node.asString("")));
                // Some servers leave the success flag of an earlier run beside these: the message wins.
                case "execution_error" -> throw failed(data);
                case "execution_interrupted" -> throw interrupted();
                default -> {
                    // later versions may say more
                }
            }
        }
        if (status.path("status_str").asString("").equals("error")) {
            throw errorSeen == null
                    ? new AttemptFailedException(
                            ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, "ComfyUI reports an error")
                    : failed(errorSeen);
        }
        tracker.completed();
        long took = startedAt > 0 && endedAt >= startedAt
                ? endedAt - startedAt
                : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent);
        return new PromptResult(promptId, entry.path("outputs"), cached, took);
    }

    private AttemptFailedException failed(JsonNode data) {
        if (!data.has("exception_type")) {
            return interrupted();
        }
        var failure = FailureMapper.executionError(data);
        if (failure.code() == ErrorCode.COMFYUI_OOM) {
            try {
                client.free();
            } catch (RestClientException | ComfyAnswerException e) {
                log.debug("ComfyUI's memory could not be freed", e);
            }
        }
        return new AttemptFailedException(failure);
    }

    /** Nobody but us should, but whoever reaches the port of a ComfyUI can stop what it runs. */
    private static AttemptFailedException interrupted() {
        return new AttemptFailedException(
                ErrorCode.PROMPT_LOST,
                FailureCategory.BACKEND_LOST,
                "The prompt was interrupted on the ComfyUI server");
    }

    private AttemptFailedException lost() {
        return errorSeen != null
                ? failed(errorSeen)
                : new AttemptFailedException(
                        ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST, "ComfyUI no longer knows the prompt");
    }

    private static AttemptFailedException unreachable() {
        return new AttemptFailedException(
                ErrorCode.COMFYUI_UNREACHABLE, FailureCategory.BACKEND_LOST, "ComfyUI is not reachable");
    }

    /**
     * Stops exactly this prompt: deletes it from the queue, interrupts it by id, and looks; again and again, because an
     * interrupt that arrives just as a prompt starts is lost, until the prompt is in the queue no more.
     *
     * @param atMost gives up then; null to go on while the server answers
     */
    private void cancel(@Nullable Duration atMost) throws InterruptedException {
        long began = System.nanoTime();
        long refusedSince = 0;
        while (atMost == null || System.nanoTime() - began < atMost.toNanos()) {
            try {
                client.deleteFromQueue(promptId);
                // Old servers interrupt whatever runs, so they are asked first what that is.
                if (backend.status().targetedInterrupt()
                        || client.queue().running().contains(promptId)) {
                    client.interrupt(promptId);
                }
                if (client.history(promptId).isPresent() || !client.queue().holds(promptId)) {
                    log.atInfo()
                            .addKeyValue(LogKeys.JOB_ID, attempt.grant().jobId())
                            .addKeyValue(LogKeys.PROMPT_ID, promptId)
                            .log("Prompt stopped");
                    return;
                }
                refusedSince = 0;
            } catch (RestClientException | ComfyAnswerException e) {
                long now = System.nanoTime();
                if (refusedSince == 0) {
                    refusedSince = now;
                } else if (now - refusedSince > settings.unreachableAfter().toNanos()) {
                    return;
                }
            }
            Thread.sleep(settings.cancelRepeat());
        }
    }
}
