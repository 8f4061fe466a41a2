package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/**
 * A job that takes a known time, on a {@link FaultRig} that has nothing else to do, and all prompts that ComfyUI is seen
 * to run meanwhile.
 */
final class WatchedJob implements AutoCloseable {

    /** The longest job, and until a part that was away has been found again and the reports that waited were applied. */
    private static final Duration PATIENCE = Duration.ofMinutes(9);

    private final FaultRig rig;
    private final ApiClient api;
    private final String id;
    private final Set<String> prompts = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread watcher;

    private WatchedJob(FaultRig rig, String id) {
        this.rig = rig;
        this.api = rig.api();
        this.id = id;
        this.watcher = Thread.ofVirtual().start(this::watch);
    }

    /** Submits it, once ComfyUI has ended all else, and returns when ComfyUI runs it. */
    static WatchedJob start(FaultRig rig, Duration length) {
        await().atMost(PATIENCE).until(() -> runningPrompts(rig).isEmpty());
        int steps = Math.toIntExact(length.toMillis() / 100);
        WatchedJob job =
                new WatchedJob(rig, rig.api().submit(Map.of("workflow", Graphs.slow(steps, Graphs.newColor()))));
        await().atMost(PATIENCE).failFast(() -> hasEnded(job.api.job(job.id))).until(() -> !job.prompts.isEmpty());
        return job;
    }

    String id() {
        return id;
    }

    /** The worker that has it now. */
    String worker() {
        return await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> api.job(id).at("/attempt/workerId").asString(), worker -> !worker.isEmpty());
    }

    /** Waits for its end and returns it as the API shows it. */
    JsonNode awaitEnd() {
        return await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(300))
                .ignoreExceptions()
                .until(() -> api.job(id), WatchedJob::hasEnded);
    }

    private static boolean hasEnded(JsonNode job) {
        return job.at("/timing/completedAt").isString();
    }

    /** It succeeded at its first attempt, and ComfyUI ran one prompt for it. */
    void assertNothingWasRepeated() {
        JsonNode job = awaitEnd();
        assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
        assertThat(job.get("attempts").asInt()).isEqualTo(1);
        assertThat(prompts).hasSize(1);
        assertOneOutcome();
    }

    /** Everybody behind job-service was told of one outcome. */
    void assertOneOutcome() {
        assertThat(Outcomes.read(rig.kafka()).getOrDefault(id, Set.of())).hasSize(1);
    }

    private void watch() {
        try {
            do {
                prompts.addAll(runningPrompts(rig));
            } while (!stop.await(200, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Set<String> runningPrompts(FaultRig rig) {
        Set<String> running = new HashSet<>();
        FaultRig.COMFY_UIS.forEach(comfy -> new ApiClient(rig.uri(comfy))
                .get("/queue")
                .get("queue_running")
                .forEach(entry -> running.add(entry.get(1).asString())));
        return running;
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            watcher.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
