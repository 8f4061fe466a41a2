package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Which waiting job a worker gets, and what clients are told about it. */
class SchedulingTests extends JobServiceScenario {

    private static final long GIB = 1024L * 1024 * 1024;

    private final Caller admin = Caller.user("root", "operators", Role.ADMIN);

    @Test
    @Proves("X-17")
    void grantsTheLightTenantsJobAlthoughTheHeavyOneHasManyWaiting() {
        Caller heavy = Caller.user("kh", tenant + "-heavy", Role.USER);
        Caller light = Caller.user("kl", tenant + "-light", Role.USER);
        List<String> waiting = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            waiting.add(submitAs(heavy, graph("")));
        }
        Grant running = granted(claim("1"));
        assertThat(running.jobId()).isEqualTo(waiting.getFirst());
        String one = submitAs(light, graph(""));

        assertThat(granted(claim("2")).jobId()).isEqualTo(one);
        assertThat(granted(claim("3")).jobId()).isEqualTo(waiting.get(1));
    }

    @Test
    void sharesByWhatWasUsedAndNotByTheNumberOfJobs() {
        Caller slow = Caller.user("ks", tenant + "-slow", Role.USER);
        Caller quick = Caller.user("kq", tenant + "-quick", Role.USER);
        for (int i = 0; i < 8; i++) {
            submitAs(slow, graph(""));
            submitAs(quick, graph(""));
        }
        List<String> tenants = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Grant grant = granted(claim("c" + i));
            tenants.add(grant.tenant());
            long took = grant.tenant().endsWith("slow") ? 30_000 : 10_000;
            report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), took));
            awaitEnd(grant.jobId());
        }
        // 30 s of the one against 10 s of the other: three for one.
        assertThat(tenants.stream().filter(name -> name.endsWith("quick"))).hasSize(6);
    }

    @Test
    @Proves("S0-51")
    void prefersLoadedModelsAndTellsWhoWasPassedOver() {
        String cold = id(submit(checkpoint("sdxl.safetensors"), null, 202));
        String warm = id(submit(checkpoint("flux.safetensors"), null, 202));

        assertThat(granted(claimWarm("1", "flux.safetensors")).jobId()).isEqualTo(warm);
        JsonNode decision = call("GET", "/v1/jobs/" + warm + "/logs", user(), null, null, 200)
                .at("/attempts/0/decision");
        assertThat(decision.at("/reason").asString()).isEqualTo("WARM_MODELS");
        assertThat(decision.at("/policy").asString()).isEqualTo("fair");
        heartbeat(null, null);
        await().untilAsserted(() -> assertThat(
                        get("/v1/jobs/" + cold, 200).at("/queue/reason").asString())
                .isEqualTo("PASSED_OVER_FOR_WARM_MODELS"));

        submit(checkpoint("flux.safetensors"), null, 202);
        update("update jobs.job set passed_at = passed_at - interval '31 s' where id = :id", cold);
        assertThat(granted(claimWarm("2", "flux.safetensors")).jobId()).isEqualTo(cold);
    }

    @Test
    void givesAWorkerOnlyWhatItHasAndRefusesWhatNobodyHas() {
        WorkerInventory inventory = new WorkerInventory(
                "h-" + worker,
                Set.of("CheckpointLoaderSimple", "X"),
                Set.of("X"),
                Map.of(),
                Map.of("CheckpointLoaderSimple.ckpt_name", List.of("sub\\sdxl.safetensors")));
        String before = id(submit(checkpoint("flux.safetensors"), null, 202));
        String fits = id(submit(checkpoint("sub/sdxl.safetensors"), null, 202));
        send(Topics.WORKERS_INVENTORY, inventory.hash(), inventory);
        heartbeat(inventory.hash(), 24 * GIB);

        await().untilAsserted(() -> {
            JsonNode refused = submit(checkpoint("flux.safetensors"), null, 400);
            assertThat(refused.at("/code").asString()).isEqualTo("MODEL_NOT_AVAILABLE");
            assertThat(refused.at("/errors/0/pointer").asString()).isEqualTo("/workflow/1/inputs/ckpt_name");
        });
        JsonNode refused = submit(
                "{\"workflow\":{\"7\":{\"class_type\":\"Nope\",\"inputs\":{}}},\"pool\":\"" + pool + "\"}", null, 400);
        assertThat(refused.at("/code").asString()).isEqualTo("NODE_NOT_AVAILABLE");
        assertThat(refused.at("/errors/0/pointer").asString()).isEqualTo("/workflow/7/class_type");
        assertThat(submit(graph(",\"requirements\":{\"vramMb\":40000}"), null, 400)
                        .at("/errors/0/pointer")
                        .asString())
                .isEqualTo("/requirements/vramMb");
        assertThat(submit(graph(",\"requirements\":{\"gpu\":\"H100\"}"), null, 400)
                        .at("/errors/0/pointer")
                        .asString())
                .isEqualTo("/requirements/gpu");
        submit(graph(",\"requirements\":{\"gpu\":4}"), null, 400);

        assertThat(get("/v1/jobs/" + before, 200).at("/queue/reason").asString())
                .isEqualTo("NO_ABLE_WORKER");
        assertThat(granted(claim(request("1", inventory.hash(), List.of(), null)))
                        .jobId())
                .isEqualTo(fits);
        assertThat(claim(request("2", inventory.hash(), List.of(), null)).reason())
                .isEqualTo("NOTHING_RUNNABLE");

        JsonNode verdict = call("POST", "/v1/jobs:validate", user(), checkpoint("flux.safetensors"), null, 200)
                .at("/pools")
                .valueStream()
                .filter(each -> each.at("/pool").asString().equals(pool))
                .findFirst()
                .orElseThrow();
        assertThat(verdict.at("/runnable").asBoolean()).isFalse();
        assertThat(verdict.at("/missing/models/CheckpointLoaderSimple.ckpt_name/0")
                        .asString())
                .isEqualTo("flux.safetensors");
    }

    @Test
    @Proves("S4-4")
    void runsAJobOnTheGpuItAsksFor() {
        heartbeat(null, null);
        String other = "h-" + worker;
        send(Topics.WORKERS_HEARTBEAT, other, heartbeatOf(other, null, null, "NVIDIA H100 80GB"));
        await().untilAsserted(() -> assertThat(call("GET", "/v1/pools/" + pool, user(), null, null, 200)
                        .at("/activeWorkers")
                        .asInt())
                .isEqualTo(2));
        String id = id(submit(graph(",\"requirements\":{\"gpu\":\"h100\"}"), null, 202));
        String any = id(submit(graph(""), null, 202));

        assertThat(granted(claim("1")).jobId()).isEqualTo(any);
        assertThat(claim("2").grant()).isNull();
        String body =
                json.writeValueAsString(new ClaimRequest(pool + "3", other, "i1", pool, null, null, List.of(), null));
        assertThat(call("POST", "/internal/claims", Caller.worker(other), body, null, 200)
                        .at("/grant/jobId")
                        .asString())
                .isEqualTo(id);
    }

    @Test
    @Proves("S1-48")
    void hasMemoryFreedWhenAJobFitsOnlyThen() {
        String small = id(submit(graph(",\"requirements\":{\"vramMb\":6000}"), null, 202));
        String large = id(submit(graph(",\"metadata\":{\"estimated_vram\":20000}"), null, 202));
        String unknown = id(submit(graph(",\"requirements\":{\"vramMb\":20000}"), null, 202));

        Grant first = granted(claim(request("1", null, List.of(), 10 * GIB)));
        Grant second = granted(claim(request("2", null, List.of(), 10 * GIB)));
        Grant third = granted(claim(request("3", null, List.of(), null)));
        assertThat(List.of(first.jobId(), second.jobId(), third.jobId())).containsExactly(small, large, unknown);
        assertThat(List.of(first.freeMemoryFirst(), second.freeMemoryFirst(), third.freeMemoryFirst()))
                .containsExactly(false, true, false);
    }

    @Test
    void holdsBackWhatIsPausedUntilItIsResumed() {
        String id = id(submit(graph(""), null, 202));
        call("POST", "/v1/pools/" + pool + "/pause", user(), null, null, 403);
        assertThat(call("POST", "/v1/pools/" + pool + "/pause", admin, null, null, 200)
                        .at("/paused")
                        .asBoolean())
                .isTrue();
        assertThat(claim("1").reason()).isEqualTo("POOL_PAUSED");
        await().untilAsserted(() -> assertThat(
                        get("/v1/jobs/" + id, 200).at("/queue/reason").asString())
                .isEqualTo("POOL_PAUSED"));
        call("POST", "/v1/pools/" + pool + "/resume", admin, null, null, 200);

        call("POST", "/v1/tenants/" + tenant + "/pause", admin, null, null, 204);
        assertThat(claim("2").grant()).isNull();
        String other = submitAs(Caller.user("k", tenant + "x", Role.USER), graph(""));
        assertThat(granted(claim("3")).jobId()).isEqualTo(other);
        call("POST", "/v1/tenants/" + tenant + "/resume", admin, null, null, 204);
        assertThat(granted(claim("4")).jobId()).isEqualTo(id);
        call("POST", "/v1/pools/nowhere/pause", admin, null, null, 404);
    }

    @Test
    @Proves({"S1-49", "S0-5"})
    void tellsThePlaceInLineAndWhenItWillBeDone() {
        heartbeat(null, null);
        Grant learned = null;
        for (int i = 0; i < 5; i++) {
            submit(graph(""), null, 202);
            learned = granted(claim("l" + i));
            report(new AttemptSucceeded(ref(learned), 1, Instant.now(), List.of(output()), 40_000));
            awaitEnd(learned.jobId());
        }
        String running = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("r"));
        assertThat(grant.jobId()).isEqualTo(running);
        assertThat(grant.estimatedSeconds()).isBetween(39.0, 41.0);
        String next = id(submit(graph(""), null, 202));
        String last = id(submit(graph(""), null, 202));

        await().untilAsserted(() -> {
            JsonNode first = get("/v1/jobs/" + next, 200);
            JsonNode second = get("/v1/jobs/" + last, 200);
            assertThat(first.at("/queue/position").asInt()).isEqualTo(1);
            assertThat(second.at("/queue/position").asInt()).isEqualTo(2);
            assertThat(first.at("/queue/reason").asString()).isEqualTo("IN_LINE");
            // Half of the running one, and itself.
            assertThat(first.at("/queue/waitSeconds/p50").asDouble()).isBetween(19.0, 21.0);
            assertThat(first.at("/etaSeconds").asInt()).isBetween(59, 61);
            assertThat(second.at("/queue/doneSeconds/p50").asDouble()).isBetween(99.0, 101.0);
            assertThat(second.at("/queue/doneSeconds/p90").asDouble())
                    .isGreaterThan(second.at("/queue/doneSeconds/p50").asDouble());
        });
        assertThat(get("/v1/jobs/" + running, 200).has("queue")).isFalse();
    }

    @Test
    void worksOnAfterAYearWithoutWork() {
        String id = id(submit(graph(""), null, 202));
        database.sql("insert into jobs.tenant_usage (pool, tenant, gpu_seconds, at)"
                        + " values (:pool, :tenant, 100, clock_timestamp() - interval '1 year')")
                .bind("pool", pool)
                .bind("tenant", tenant)
                .then()
                .block();
        Grant grant = granted(claim("1"));
        assertThat(grant.jobId()).isEqualTo(id);
        assertThat(grant.estimatedSeconds()).isNull();
        report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1000));
        awaitStatus(id, "succeeded");
    }

    @Test
    void plansItsStatementsOnceForEachConnection() {
        for (int i = 0; i < 30; i++) {
            submit(graph(""), null, 202);
            granted(claim("c" + i));
        }
        // Connections that are idle are used again, the last one first.
        record Plans(long planned, long generic) {}
        List<Plans> plans = database.sql("""
                        select custom_plans, generic_plans from pg_prepared_statements
                        where statement like '%unnest((select%' or statement like '%with running as%'
                        """)
                .map(row -> new Plans(
                        Objects.requireNonNull(row.get(0, Long.class)), Objects.requireNonNull(row.get(1, Long.class))))
                .all()
                .collectList()
                .block();

        assertThat(plans).hasSizeGreaterThanOrEqualTo(2).allSatisfy(each -> {
            assertThat(each.planned()).isLessThanOrEqualTo(5);
            assertThat(each.generic()).isPositive();
        });
    }

    @Test
    void promisesNothingWithoutAWorker() {
        JsonNode job = submit(graph(""), null, 202);
        assertThat(job.at("/queue/reason").asString()).isEqualTo("NO_WORKER");
        assertThat(job.at("/queue").has("doneSeconds")).isFalse();
        assertThat(job.has("etaSeconds")).isFalse();
    }

    @Test
    void givesAFailedJobToAnotherWorkerFirst() {
        String id = id(submit(graph(""), null, 202));
        heartbeat(null, null);
        send(Topics.WORKERS_HEARTBEAT, "other-" + worker, heartbeatOf("other-" + worker, null, null));
        Grant first = granted(claim("1"));
        report(new AttemptFailed(
                ref(first), 1, Instant.now(), failure(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST)));
        awaitStatus(id, "queued");
        update("update jobs.job set not_before = clock_timestamp() where id = :id", id);
        await().untilAsserted(() -> assertThat(call("GET", "/v1/pools/" + pool, user(), null, null, 200)
                        .at("/activeWorkers")
                        .asInt())
                .isEqualTo(2));

        assertThat(claim("2").grant()).isNull();
        update("update jobs.job set not_before = clock_timestamp() - interval '16 s' where id = :id", id);
        await().untilAsserted(() -> assertThat(claim("3").grant())
                .isNotNull()
                .extracting(Grant::jobId)
                .isEqualTo(id));
    }

    @Test
    @Proves("S1-4")
    void countsWhatAPoolHasToDo() {
        submit(graph(""), null, 202);
        submit(graph(""), null, 202);
        granted(claim("1"));
        await().untilAsserted(() -> {
            JsonNode view = call("GET", "/v1/pools/" + pool, user(), null, null, 200);
            assertThat(view.at("/jobs/queued").asInt()).isEqualTo(1);
            assertThat(view.at("/jobs/running").asInt()).isEqualTo(1);
            assertThat(view.at("/jobs/succeeded").asInt()).isZero();
            assertThat(view.at("/policy").asString()).isEqualTo("fair");
        });
    }

    private String checkpoint(String file) {
        return "{\"workflow\":{\"1\":{\"class_type\":\"CheckpointLoaderSimple\",\"inputs\":{\"ckpt_name\":\""
                + file.replace("\\", "\\\\") + "\"}}},\"pool\":\"" + pool + "\"}";
    }

    private String submitAs(Caller caller, String body) {
        return id(call("POST", "/v1/jobs", caller, body, null, 202));
    }

    private ClaimRequest request(
            String claimId, @Nullable String inventory, List<String> warm, @Nullable Long freeVram) {
        return new ClaimRequest(pool + claimId, worker, "i1", pool, null, inventory, warm, freeVram);
    }

    private ClaimAnswer claim(ClaimRequest request) {
        return json.treeToValue(
                call("POST", "/internal/claims", Caller.worker(worker), json.writeValueAsString(request), null, 200),
                ClaimAnswer.class);
    }

    private ClaimAnswer claimWarm(String claimId, String model) {
        return claim(request(claimId, null, List.of(model), null));
    }

    private void awaitEnd(String id) {
        await().untilAsserted(() -> assertThat(call("GET", "/v1/jobs/" + id, admin, null, null, 200)
                        .at("/status")
                        .asString())
                .isEqualTo("succeeded"));
    }

    private void heartbeat(@Nullable String inventory, @Nullable Long vram) {
        send(Topics.WORKERS_HEARTBEAT, worker, heartbeatOf(worker, inventory, vram));
    }

    private WorkerHeartbeat heartbeatOf(String id, @Nullable String inventory, @Nullable Long vram) {
        return heartbeatOf(id, inventory, vram, "NVIDIA GeForce RTX 4090");
    }

    private WorkerHeartbeat heartbeatOf(String id, @Nullable String inventory, @Nullable Long vram, String device) {
        return new WorkerHeartbeat(
                id,
                "i" + UUID.randomUUID(),
                pool,
                WorkerState.BUSY,
                0,
                1,
                1,
                true,
                "0.33.0",
                device,
                vram,
                vram,
                inventory,
                Instant.now());
    }
}
