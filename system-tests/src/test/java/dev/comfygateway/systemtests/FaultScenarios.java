package dev.comfygateway.systemtests;

import static dev.comfygateway.systemtests.FaultRig.GATEWAY;
import static dev.comfygateway.systemtests.FaultRig.JOBS;
import static dev.comfygateway.systemtests.FaultRig.KAFKA;
import static dev.comfygateway.systemtests.FaultRig.POSTGRES;
import static dev.comfygateway.systemtests.FaultRig.STORAGE;
import static dev.comfygateway.systemtests.FaultRig.WEBHOOKS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.systemtests.Fault.Killed;
import dev.comfygateway.systemtests.Fault.Paused;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Faults whose outcome the rules fix exactly, on a rig without other work. */
final class FaultScenarios {

    private static final Duration SOON = Duration.ofMinutes(2);

    private final FaultRig rig;
    private final ApiClient api;

    FaultScenarios(FaultRig rig) {
        this.rig = rig;
        this.api = rig.api();
    }

    /** A part is dead while a job runs: the job keeps its attempt and its prompt, even if it ends meanwhile. */
    void keepsTheAttemptWhileAPartIsAway(String part, Duration job, Duration away) throws InterruptedException {
        try (WatchedJob running = WatchedJob.start(rig, job)) {
            during(new Killed(part, away), () -> {});
            running.assertNothingWasRepeated();
        }
    }

    /** The same when all of a part's threads stand still, with its connections open. */
    void keepsTheAttemptWhileAPartStandsStill(String part, Duration job, Duration standing)
            throws InterruptedException {
        try (WatchedJob running = WatchedJob.start(rig, job)) {
            during(new Paused(part, standing), () -> {});
            running.assertNothingWasRepeated();
        }
    }

    /** Nobody but the workers hears of anything for a while. */
    void keepsTheAttemptWhileConsumersLag(Duration job, Duration lag) throws InterruptedException {
        List<String> links = List.of(JOBS, GATEWAY, WEBHOOKS, STORAGE).stream()
                .map(consumer -> consumer + ">" + KAFKA)
                .toList();
        try (WatchedJob running = WatchedJob.start(rig, job)) {
            links.forEach(link -> rig.link(link).silence(true));
            try {
                Thread.sleep(lag);
            } finally {
                links.forEach(link -> rig.link(link).silence(false));
            }
            running.assertNothingWasRepeated();
        }
    }

    /** A worker stands still past its lease: another one does its job, and what it finishes later changes nothing. */
    void fencesAWorkerThatStoodStill() {
        try (WatchedJob running = WatchedJob.start(rig, Duration.ofSeconds(4))) {
            String worker = running.worker();
            rig.pause(worker);
            JsonNode job;
            try {
                job = running.awaitEnd();
            } finally {
                rig.resume(worker);
            }
            assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
            assertThat(job.get("attempts").asInt()).isEqualTo(2);
            // Until it has finished what it held, or was told that it holds nothing.
            await().atMost(SOON).untilAsserted(() -> assertThat(idleWorkers()).containsAll(FaultRig.WORKERS));
            running.assertOneOutcome();
            JsonNode later = api.job(running.id());
            assertThat(lasting(later)).isEqualTo(lasting(job));
            assertThat(later.at("/outputs/0/assetId")).isEqualTo(job.at("/outputs/0/assetId"));
        }
    }

    /** The broker is away: submits are taken and wait. */
    void takesJobsWithoutABroker(Duration away) throws InterruptedException {
        List<String> jobs = new ArrayList<>();
        jobs.add(submit());
        during(new Killed(KAFKA, away), () -> {
            jobs.add(submit());
            awaitHealth(false);
            jobs.add(submit());
        });
        awaitHealth(true);
        jobs.add(submit());
        jobs.forEach(this::assertSucceeds);
    }

    /** The database is away: submits are refused with a code that says so, and taken again afterwards. */
    void refusesJobsWithoutADatabase(Duration away) throws InterruptedException {
        List<String> jobs = new ArrayList<>();
        jobs.add(submit());
        during(new Killed(POSTGRES, away), () -> {
            HttpResponse<String> refused = api.send("POST", "/v1/jobs", body());
            assertThat(refused.statusCode()).as(refused.body()).isEqualTo(503);
            assertThat(Json.read(refused.body()).get("retryable").asBoolean()).isTrue();
            awaitHealth(false);
        });
        awaitHealth(true);
        jobs.add(submit());
        jobs.forEach(this::assertSucceeds);
    }

    /** Every record of every topic is written again, after the jobs and while others run: nothing changes. */
    void ignoresRepeatedRecords() {
        List<String> ended = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            ended.add(submit());
        }
        ended.forEach(this::assertSucceeds);
        List<JsonNode> before =
                ended.stream().map(api::job).map(FaultScenarios::lasting).toList();
        Duplicator duplicator = new Duplicator(rig.kafka());
        try (WatchedJob running = WatchedJob.start(rig, Duration.ofSeconds(8))) {
            duplicator.repeatNewRecords();
            running.assertNothingWasRepeated();
        }
        duplicator.repeatNewRecords();
        assertThat(duplicator.counts())
                .containsKeys("jobs.requested", "jobs.progress", "jobs.completed", "workers.heartbeat");
        assertSucceeds(submit());
        assertThat(ended.stream().map(api::job).map(FaultScenarios::lasting).toList())
                .isEqualTo(before);
    }

    /** Does something while the fault lasts, which is its own time at least; the fault is healed in any case. */
    private void during(Fault fault, Runnable action) throws InterruptedException {
        long struck = System.nanoTime();
        fault.strike(rig);
        try {
            action.run();
            Thread.sleep(Math.max(0, fault.lasting().toMillis() - (System.nanoTime() - struck) / 1_000_000));
        } finally {
            fault.heal(rig);
        }
    }

    /** What of a job does not change with each look, as links do. */
    private static JsonNode lasting(JsonNode job) {
        return Json.read(Json.write(List.of(job.get("status"), job.get("attempts"), job.get("timing"))));
    }

    private List<String> idleWorkers() {
        List<String> idle = new ArrayList<>();
        api.get("/v1/workers").get("workers").forEach(worker -> {
            if (worker.get("state").asString().equals("idle")) {
                idle.add(worker.get("workerId").asString());
            }
        });
        return idle;
    }

    private void awaitHealth(boolean ok) {
        await().atMost(SOON)
                .ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> api.get("/health").get("ok").asBoolean() == ok);
    }

    private String submit() {
        HttpResponse<String> response = api.send("POST", "/v1/jobs", body());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(202);
        return Json.read(response.body()).get("jobId").asString();
    }

    private static String body() {
        return Json.write(Map.of("workflow", Graphs.slow(5, Graphs.newColor())));
    }

    private void assertSucceeds(String jobId) {
        assertThat(api.awaitEnd(jobId).get("status").asString()).isEqualTo("succeeded");
    }
}
