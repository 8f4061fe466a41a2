package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.worker.Inventories;
import dev.comfygateway.job.worker.WorkerDrains;
import dev.comfygateway.job.worker.WorkerTopics;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The list of workers, and draining them. */
class WorkerFleetTests extends JobServiceScenario {

    @Autowired
    Inventories inventories;

    @Autowired
    WorkerDrains drains;

    @Autowired
    WorkerTopics topics;

    private final Caller admin = Caller.user("root-key", "operators", Role.ADMIN);

    private void heartbeat(WorkerState state) {
        send(
                Topics.WORKERS_HEARTBEAT,
                worker,
                new WorkerHeartbeat(
                        worker,
                        "i1",
                        pool,
                        state,
                        1,
                        1,
                        0,
                        false,
                        "0.3.70",
                        "RTX",
                        24_000_000_000L,
                        20_000_000_000L,
                        "h-" + worker,
                        Instant.now()));
    }

    private JsonNode look(Caller caller) {
        return call("GET", "/v1/workers/" + worker, caller, null, null, 200);
    }

    private void awaitState(String state) {
        await().untilAsserted(() -> {
            JsonNode list = call("GET", "/v1/workers", user(), null, null, 200);
            assertThat(list.at("/workers").valueStream())
                    .filteredOn(each -> each.at("/workerId").asString().equals(worker))
                    .singleElement()
                    .satisfies(each -> assertThat(each.at("/state").asString()).isEqualTo(state));
        });
    }

    private JsonNode post(String what, Caller caller, int status) {
        return call("POST", "/v1/workers/" + worker + "/" + what, caller, null, null, status);
    }

    private boolean toldToDrain(Grant grant) {
        return renew("i1", List.of(grant.attemptId())).drain();
    }

    @Test
    void isReadyWhenItKnowsTheWorkers() {
        await().untilAsserted(() -> {
            assertThat(topics.areRead()).isTrue();
            assertThat(get("/actuator/health/readiness", 200).at("/status").asString())
                    .isEqualTo("UP");
        });
    }

    @Test
    void readsWhatServersCanRun() {
        WorkerInventory inventory = new WorkerInventory(
                "h-" + worker, Set.of("KSampler"), Set.of(), Map.of(), Map.of("L.ckpt", List.of("a.ckpt")));
        send(Topics.WORKERS_INVENTORY, inventory.hash(), inventory);
        heartbeat(WorkerState.IDLE);
        await().untilAsserted(
                        () -> assertThat(inventories.find(inventory.hash())).contains(inventory));
        // A value that is null takes it back.
        kafka.send(Topics.WORKERS_INVENTORY, inventory.hash(), null).join();
        await().untilAsserted(
                        () -> assertThat(inventories.find(inventory.hash())).isEmpty());
    }

    @Test
    @Proves("S1-46")
    void showsWorkersByTheirHeartbeats() {
        call("GET", "/v1/workers/" + worker, user(), null, null, 404);
        heartbeat(WorkerState.IDLE);
        awaitState("idle");
        heartbeat(WorkerState.BUSY);
        awaitState("busy");
        heartbeat(WorkerState.UNREACHABLE);
        awaitState("unreachable");
        heartbeat(WorkerState.STOPPED);
        awaitState("stopped");
        assertThat(look(user()).at("/lastSeen").asString()).isNotEmpty();
    }

    @Test
    void showsEachWhatItMaySee() {
        heartbeat(WorkerState.BUSY);
        awaitState("busy");
        String id = id(submit(graph(""), null, 202));
        granted(claim("c1"));

        JsonNode mine = look(user());
        assertThat(mine.at("/running/0/jobId").asString()).isEqualTo(id);
        assertThat(mine.at("/running/0/attempt").asInt()).isEqualTo(1);
        assertThat(mine.at("/running/0/phase").asString()).isEqualTo("preparing");
        assertThat(mine.at("/device").asString()).isEqualTo("RTX");
        assertThat(mine.has("details")).isFalse();

        JsonNode others = look(Caller.user("k", "other", Role.USER));
        assertThat(others.at("/running").isEmpty()).isTrue();

        JsonNode all = look(admin);
        assertThat(all.at("/running/0/jobId").asString()).isEqualTo(id);
        assertThat(all.at("/details/instanceId").asString()).isEqualTo("i1");
        assertThat(all.at("/details/vramFreeBytes").asLong()).isEqualTo(20_000_000_000L);
        assertThat(all.at("/details/inventoryHash").asString()).isEqualTo("h-" + worker);

        call("GET", "/v1/workers", Caller.worker(worker), null, null, 403);
    }

    @Test
    @Proves("S0-81")
    void drainsAWorkerUntilItIsResumed() {
        heartbeat(WorkerState.IDLE);
        awaitState("idle");
        submit(graph(""), null, 202);
        submit(graph(""), null, 202);
        Grant held = granted(claim("c1"));
        assertThat(toldToDrain(held)).isFalse();

        assertThat(post("drain", user(), 403).at("/code").asString()).isEqualTo("FORBIDDEN");
        assertThat(look(user()).at("/drained").asBoolean()).isFalse();
        JsonNode drained = post("drain", admin, 200);
        assertThat(drained.at("/state").asString()).isEqualTo("draining");
        assertThat(drained.at("/drained").asBoolean()).isTrue();
        assertThat(drained.at("/freePermits").asInt()).isZero();
        assertThat(drained.at("/details/drainedBy").asString()).isEqualTo("root-key");
        assertThat(post("drain", Caller.user("second-key", "operators", Role.ADMIN), 200)
                        .at("/details/drainedBy")
                        .asString())
                .isEqualTo("root-key");
        awaitState("draining");

        // The lease goes on, with attempts and without.
        assertThat(renew("i1", List.of(held.attemptId())).renewed()).containsExactly(held.attemptId());
        assertThat(toldToDrain(held)).isTrue();
        assertThat(renew("i1", List.of()).drain()).isTrue();
        assertThat(claim("c2").reason()).isEqualTo("WORKER_DRAINING");
        assertThat(granted(claim("c1")).attemptId())
                .as("an answer that was lost")
                .isEqualTo(held.attemptId());

        // A new start of the worker is drained, too, and ends the attempts of the one before.
        assertThat(renew("i2", List.of()).drain()).isTrue();
        assertThat(get("/v1/jobs/" + held.jobId(), 200).at("/status").asString())
                .isEqualTo("queued");

        assertThat(post("resume", user(), 403).at("/code").asString()).isEqualTo("FORBIDDEN");
        assertThat(post("resume", admin, 200).at("/drained").asBoolean()).isFalse();
        awaitState("idle");
        Grant next = granted(claim("c3"));
        assertThat(toldToDrain(next)).isFalse();
        report(new AttemptSucceeded(ref(next), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(next.jobId(), "succeeded");
    }

    @Test
    void doesNotDrainWhatNobodySaw() {
        assertThat(post("drain", admin, 404).at("/code").asString()).isEqualTo("WORKER_NOT_FOUND");
        assertThat(post("resume", admin, 404).at("/code").asString()).isEqualTo("WORKER_NOT_FOUND");
        assertThat(drains.all().block()).doesNotContainKey(worker);
    }

    @Test
    void forgetsDrainsOfWorkersThatNeverCameBack() {
        heartbeat(WorkerState.IDLE);
        awaitState("idle");
        await().until(topics::areRead);
        String gone = "gone-" + worker;
        String fresh = "fresh-" + worker;
        for (String id : List.of(worker, gone, fresh)) {
            drains.drain(id, "root-key").block();
        }
        database.sql("update jobs.worker_drain set at = at - interval '25 hours' where worker_id = any(:ids)")
                .bind("ids", new String[] {worker, gone})
                .then()
                .block();
        drains.forget();
        assertThat(drains.all().block()).containsKeys(worker, fresh).doesNotContainKey(gone);
    }
}
