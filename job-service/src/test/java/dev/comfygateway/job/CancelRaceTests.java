package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.attempt.AttemptReport.ExecutionStarted;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.testing.Proves;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** A cancel at every moment of a job's life, over a real database. */
class CancelRaceTests extends JobServiceScenario {

    private static final int ROUNDS = 25;

    @Test
    void whileItWaits() {
        String id = id(submit(graph(""), null, 202));
        assertThat(cancel(id)).isEqualTo("canceled");
        assertThat(claim("c").grant()).isNull();
        assertThat(events(id)).containsExactly("job.submitted.v1", "job.canceled.v1");
    }

    @Test
    void whileItIsOffered() {
        String id = id(submit(graph(""), null, 202));
        read(Topics.requested(pool), 1, message -> message.key().equals(id));
        assertThat(cancel(id)).isEqualTo("canceled");
        assertThat(claim("c").reason()).isEqualTo("QUEUE_EMPTY");
    }

    @Test
    @Proves("X-6")
    void whileItIsBeingClaimed() {
        for (int round = 0; round < ROUNDS; round++) {
            String id = id(submit(graph(""), null, 202));
            String other = id(submit(graph(""), null, 202));
            String claimId = "r" + round;
            CompletableFuture<Grant> claim = atOnce(() -> granted(claim(claimId)));
            CompletableFuture<String> cancel = atOnce(() -> cancel(id));
            Grant grant = claim.join();
            if (grant.jobId().equals(id)) {
                assertThat(cancel.join()).isEqualTo("canceling");
                report(new AttemptCanceled(ref(grant), 1, Instant.now()));
                awaitStatus(id, "canceled");
                cancel(other);
            } else {
                assertThat(grant.jobId()).isEqualTo(other);
                assertThat(cancel.join()).isEqualTo("canceled");
                assertThat(events(id)).containsExactly("job.submitted.v1", "job.canceled.v1");
                report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1));
            }
            assertThat(outcomes(id)).hasSize(1);
        }
    }

    @Test
    void whileItIsPrepared() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c"));
        assertThat(cancel(id)).isEqualTo("canceling");
        assertThat(renew("i1", List.of(grant.attemptId())).stop()).containsExactly(grant.attemptId());
        report(new AttemptCanceled(ref(grant), 1, Instant.now()));
        awaitStatus(id, "canceled");
    }

    @Test
    void whileItIsExecuted() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c"));
        report(new ExecutionStarted(ref(grant), 1, Instant.now(), "p", new NodeCount(0, 1)));
        await().untilAsserted(() -> assertThat(
                        get("/v1/jobs/" + id, 200).at("/attempt/phase").asString())
                .isEqualTo("executing"));
        assertThat(cancel(id)).isEqualTo("canceling");
        // The worker may fail over the interrupt instead of confirming it.
        report(new AttemptFailed(
                ref(grant), 2, Instant.now(), failure(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR)));
        awaitStatus(id, "canceled");
        assertThat(outcomes(id)).containsExactly("job.canceled.v1");
    }

    @Test
    @Proves("X-6")
    void whileItFinishes() {
        for (int round = 0; round < ROUNDS; round++) {
            String id = id(submit(graph(""), null, 202));
            Grant grant = granted(claim("r" + round));
            CompletableFuture<Void> success = CompletableFuture.runAsync(
                    () -> report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1)),
                    EACH_ITS_OWN_THREAD);
            CompletableFuture<Integer> cancel =
                    atOnce(() -> exchange("POST", "/v1/jobs/" + id + "/cancel", user(), null, null)
                            .getStatus()
                            .value());
            success.join();
            boolean accepted = cancel.join() == 200;
            awaitStatus(id, accepted ? "canceled" : "succeeded");
            assertThat(outcomes(id)).containsExactly(accepted ? "job.canceled.v1" : "job.succeeded.v1");
        }
    }

    @Test
    void afterItsEnd() {
        String done = id(submit(graph(""), null, 202));
        report(new AttemptSucceeded(ref(granted(claim("c"))), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(done, "succeeded");
        assertThat(call("POST", "/v1/jobs/" + done + "/cancel", user(), null, null, 409)
                        .at("/code")
                        .asString())
                .isEqualTo("JOB_NOT_CANCELABLE");
        assertThat(events(done)).endsWith("job.succeeded.v1");

        String canceled = id(submit(graph(""), null, 202));
        cancel(canceled);
        assertThat(cancel(canceled)).isEqualTo("canceled");
        assertThat(events(canceled)).hasSize(2);
    }

    @Test
    void whenItsWorkerIsDead() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c"));
        assertThat(cancel(id)).isEqualTo("canceling");
        awaitStatus(id, "canceled");
        assertThat(renew("i1", List.of(grant.attemptId())).ended())
                .as("the attempt is fenced")
                .containsExactly(grant.attemptId());
    }

    @Test
    void twiceAtOnce() {
        String waiting = id(submit(graph(""), null, 202));
        assertThat(cancelTwice(waiting)).containsExactly("canceled", "canceled");
        assertThat(events(waiting)).containsExactly("job.submitted.v1", "job.canceled.v1");

        String running = id(submit(graph(""), null, 202));
        granted(claim("c"));
        assertThat(cancelTwice(running)).containsExactly("canceling", "canceling");
        assertThat(events(running)).containsExactly("job.submitted.v1", "job.started.v1", "job.cancel-requested.v1");
    }

    @Test
    @Proves("X-6")
    void whileARetryIsPending() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c1"));
        report(new AttemptFailed(
                ref(grant), 1, Instant.now(), failure(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST)));
        awaitStatus(id, "queued");
        assertThat(cancel(id)).isEqualTo("canceled");

        report(new AttemptSucceeded(ref(grant), 2, Instant.now(), List.of(output()), 1));
        report(new AttemptFailed(
                ref(grant), 1, Instant.now(), failure(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST)));
        assertThat(claim("c1").reason()).as("the first claim again").isEqualTo("CLAIM_ENDED");
        renew("i2", List.of(grant.attemptId()));
        barrier();
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("canceled");
        assertThat(claim(UUID.randomUUID().toString()).grant()).isNull();
        assertThat(outcomes(id)).containsExactly("job.canceled.v1");
        assertThat(events(id)).endsWith("job.canceled.v1");
    }

    private List<String> cancelTwice(String id) {
        CompletableFuture<String> one = atOnce(() -> cancel(id));
        CompletableFuture<String> two = atOnce(() -> cancel(id));
        return List.of(one.join(), two.join());
    }

    private List<String> outcomes(String id) {
        return events(id).stream()
                .filter(type -> type.matches("job\\.(succeeded|failed|canceled|expired)\\.v1"))
                .toList();
    }
}
