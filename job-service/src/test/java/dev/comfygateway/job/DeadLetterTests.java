package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.id.Ids;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Jobs that failed for good and wait for an operator. */
class DeadLetterTests extends JobServiceScenario {

    private final Caller admin = Caller.user("root", "ops", Role.ADMIN);

    @Test
    void keepsAQuarantinedJobWithItsAttempts() {
        String id = id(submit(graph(",\"metadata\":{\"order\":1}"), null, 202));
        Grant first = granted(claim("c1"));
        renew("i2", List.of());
        Grant second = granted(claim("c2"));
        renew("i3", List.of());

        JsonNode letter = call("GET", "/v1/dead-letters/" + id, admin, null, null, 200);
        assertThat(letter.at("/error/code").asString()).isEqualTo("QUARANTINED");
        assertThat(letter.at("/tenant").asString()).isEqualTo(tenant);
        assertThat(letter.at("/history").findValuesAsString("attemptId"))
                .containsExactly(first.attemptId(), second.attemptId());
        assertThat(letter.at("/history").findValuesAsString("endReason")).containsExactly("WORKER_LOST", "WORKER_LOST");
        assertThat(letter.at("/history").findValuesAsString("workerId")).containsExactly(worker, worker);
        assertThat(letter.at("/history/1/endedAt").asString())
                .isGreaterThanOrEqualTo(letter.at("/history/1/grantedAt").asString());
    }

    @Test
    void keepsOnlyWhatIsNotTheGraphsFault() {
        String broken = failed(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR);
        String ours = failed(ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL);
        call("GET", "/v1/dead-letters/" + ours, admin, null, null, 200);
        assertThat(call("GET", "/v1/dead-letters/" + broken, admin, null, null, 404)
                        .at("/code")
                        .asString())
                .isEqualTo("DEAD_LETTER_NOT_FOUND");
    }

    @Test
    void listsThemNewestFirstPageByPage() {
        String older = failed(ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL);
        String newer = failed(ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL);
        JsonNode first = call("GET", "/v1/dead-letters?limit=1", admin, null, null, 200);
        assertThat(first.at("/count").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(first.at("/deadLetters").findValuesAsString("jobId")).containsExactly(newer);
        JsonNode second = call(
                "GET",
                "/v1/dead-letters?limit=1&cursor=" + first.at("/nextCursor").asString(),
                admin,
                null,
                null,
                200);
        assertThat(second.at("/deadLetters").findValuesAsString("jobId")).containsExactly(older);
        call("GET", "/v1/dead-letters?limit=0", admin, null, null, 400);
        call("GET", "/v1/dead-letters?cursor=x", admin, null, null, 400);
    }

    @Test
    void givesTheContentAnotherChanceOnce() {
        String old = failed(ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL);
        String path = "/v1/dead-letters/" + old + "/requeue";
        List<CompletableFuture<JsonNode>> both = List.of(
                atOnce(() -> call("POST", path, admin, null, null, 202)),
                atOnce(() -> call("POST", path, admin, null, null, 202)));
        String next = id(both.getFirst().join());
        assertThat(id(both.getLast().join())).isEqualTo(next).isNotEqualTo(old);

        JsonNode job = get("/v1/jobs/" + next, 200);
        assertThat(job.at("/requeuedFrom").asString()).isEqualTo(old);
        assertThat(job.at("/metadata/order").asInt()).isEqualTo(7);
        JsonNode before = get("/v1/jobs/" + old, 200);
        assertThat(before.at("/requeuedAs").asString()).isEqualTo(next);
        assertThat(before.at("/status").asString()).as("its outcome stands").isEqualTo("failed");
        assertThat(events(old)).last().isEqualTo("job.failed.v1");

        Grant grant = granted(claim("again"));
        assertThat(grant.jobId()).isEqualTo(next);
        assertThat(grant.workflow()).containsKey("1");
        report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1));
        awaitStatus(next, "succeeded");
        assertThat(call("GET", "/v1/dead-letters/" + old, admin, null, null, 200)
                        .at("/requeuedAs")
                        .asString())
                .isEqualTo(next);
    }

    @Test
    void forgetsWhatIsDismissed() {
        String id = failed(ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL);
        call("DELETE", "/v1/dead-letters/" + id, admin, null, null, 204);
        call("DELETE", "/v1/dead-letters/" + id, admin, null, null, 404);
        call("POST", "/v1/dead-letters/" + id + "/requeue", admin, null, null, 404);
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("failed");
    }

    @Test
    void isForAdministratorsOnly() {
        String path = "/v1/dead-letters/" + Ids.newJobId();
        for (Caller other : List.of(user(), Caller.worker(worker), Caller.service("gateway-service"))) {
            assertThat(call("GET", "/v1/dead-letters", other, null, null, 403)
                            .at("/code")
                            .asString())
                    .isEqualTo("FORBIDDEN");
            call("GET", path, other, null, null, 403);
            call("POST", path + "/requeue", other, null, null, 403);
            call("DELETE", path, other, null, null, 403);
        }
    }

    private String failed(ErrorCode code, FailureCategory category) {
        String id = id(submit(graph(",\"metadata\":{\"order\":7}"), null, 202));
        Grant grant = granted(claim(Ids.newEventId()));
        report(new AttemptFailed(ref(grant), 1, Instant.now(), failure(code, category)));
        awaitStatus(id, "failed");
        return id;
    }
}
