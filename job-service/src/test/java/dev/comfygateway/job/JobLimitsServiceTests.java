package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.testing.Proves;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Limits, deadlines and what follows from the class of a failure. */
class JobLimitsServiceTests extends JobServiceScenario {

    @Test
    void fixesTheLimitsAtSubmissionAndGrantsThem() {
        JsonNode usual = submit(graph(""), null, 202);
        assertThat(usual.at("/limits"))
                .isEqualTo(json.readTree("{\"waitingSeconds\":86400,\"startSeconds\":600,\"noProgressSeconds\":600,"
                        + "\"totalSeconds\":3600}"));
        assertThat(usual.has("deadline")).isFalse();
        cancel(id(usual));

        JsonNode own = submit(
                graph(",\"ttlSeconds\":500,\"limits\":{\"startSeconds\":7,\"noProgressSeconds\":99999999,"
                        + "\"totalSeconds\":900}"),
                null,
                202);
        assertThat(own.at("/limits/startSeconds").asInt()).isEqualTo(7);
        assertThat(own.at("/limits/noProgressSeconds").asInt())
                .as("cut to the most")
                .isEqualTo(3600);
        Instant created = Instant.parse(own.at("/timing/createdAt").asString());
        assertThat(Instant.parse(own.at("/deadline").asString())).isEqualTo(created.plusSeconds(500));

        Grant.Limits granted = granted(claim("c")).limits();
        assertThat(granted.startSeconds()).isEqualTo(7);
        assertThat(granted.noProgressSeconds()).isEqualTo(3600);
        assertThat(granted.totalSeconds()).as("no longer than to the deadline").isBetween(1, 500);
    }

    @Test
    void refusesLimitsThatMakeNoSense() {
        for (String more : List.of(
                "\"ttlSeconds\":0",
                "\"ttlSeconds\":1.5",
                "\"ttlSeconds\":\"60\"",
                "\"deadline\":\"2020-01-01T00:00:00Z\"",
                "\"deadline\":\"+999999999-12-31T00:00:00Z\"",
                "\"deadline\":\"tomorrow\"",
                "\"deadline\":\"2099-01-01T00:00:00Z\"",
                "\"limits\":5",
                "\"limits\":{\"totalSeconds\":-1}")) {
            JsonNode problem = submit(graph("," + more), null, 400);
            assertThat(problem.at("/code").asString()).as(more).isEqualTo("VALIDATION_ERROR");
        }
        String soon = Instant.now().plusSeconds(60).toString();
        assertThat(submit(graph(",\"ttlSeconds\":5,\"deadline\":\"" + soon + "\""), null, 400)
                        .at("/errors/0/pointer")
                        .asString())
                .isEqualTo("/deadline");
    }

    @Test
    @Proves("S1-45")
    void expiresAJobThatWaitsTooLong() {
        String id = id(submit(graph(",\"limits\":{\"waitingSeconds\":1}"), null, 202));
        awaitStatus(id, "expired");
        JsonNode job = get("/v1/jobs/" + id, 200);
        assertThat(job.at("/error/code").asString()).isEqualTo("JOB_EXPIRED");
        assertThat(job.at("/timing/completedAt").asString()).isNotEmpty();
        assertThat(events(id)).containsExactly("job.submitted.v1", "job.expired.v1");
        assertThat(claim("c").grant()).isNull();
        read(Topics.JOBS_COMPLETED, 12, message -> message.key().equals(id));
    }

    @Test
    void expiresAJobWhoseDeadlinePassesWhileItWaits() {
        JsonNode job = submit(graph(",\"ttlSeconds\":1"), null, 202);
        awaitStatus(id(job), "expired");
        assertThat(Instant.parse(get("/v1/jobs/" + id(job), 200)
                        .at("/timing/completedAt")
                        .asString()))
                .isAfterOrEqualTo(Instant.parse(job.at("/deadline").asString()));
    }

    @Test
    void doesNotGrantWhatIsOverdue() {
        String id = id(submit(graph(""), null, 202));
        // As if its time were up and the sweep had not come yet; the job itself knows better and is left alone.
        update("update jobs.job set due_at = now() - interval '1 s' where id = :id", id);
        assertThat(claim("c").grant()).isNull();
        assertThat(get("/v1/jobs/" + id, 200).at("/status").asString()).isEqualTo("queued");
    }

    @Test
    @Proves({"S1-45", "S2-58"})
    void endsAnAttemptThatItsWorkerHoldsForEver() {
        String id = id(submit(graph(",\"limits\":{\"totalSeconds\":1}"), null, 202));
        Grant grant = granted(claim("c"));
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(
                                renew("i1", List.of(grant.attemptId())).ended())
                        .containsExactly(grant.attemptId()));
        JsonNode job = get("/v1/jobs/" + id, 200);
        assertThat(job.at("/status").asString()).isEqualTo("failed");
        assertThat(job.at("/error/code").asString()).isEqualTo("COMFYUI_TIMEOUT");
        read(
                Topics.JOBS_CONTROL,
                1,
                message -> codec.decode(message)
                        .filter(event -> event.data() instanceof AttemptStopRequested stop
                                && stop.attemptId().equals(grant.attemptId()))
                        .isPresent());
    }

    @Test
    void expiresAJobWhoseDeadlinePassesWhileItIsHeld() {
        String id = id(submit(graph(",\"ttlSeconds\":600"), null, 202));
        Grant grant = granted(claim("c"));
        // As if the ten minutes had passed.
        update(
                "update jobs.job set deadline = now() - interval '2 s', due_at = now() - interval '2 s' where id = :id",
                id);
        awaitStatus(id, "expired");
        assertThat(get("/v1/jobs/" + id, 200).at("/error/code").asString()).isEqualTo("JOB_EXPIRED");
        assertThat(renew("i1", List.of(grant.attemptId())).ended()).containsExactly(grant.attemptId());
    }

    @Test
    void remembersWhoseAttemptFailed() {
        String id = id(submit(graph(""), null, 202));
        Grant grant = granted(claim("c"));
        fail(grant, ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST);
        awaitStatus(id, "queued");
        assertThat(database.sql("select last_worker_id from jobs.job where id = :id")
                        .bind("id", id)
                        .map(row -> String.valueOf(row.get(0, String.class)))
                        .one()
                        .block())
                .isEqualTo(worker);
    }

    @Test
    void triesOnceMoreOnALargerPoolWhenMemoryIsShort() {
        JsonNode job =
                submit("{\"workflow\":{\"1\":{\"class_type\":\"X\",\"inputs\":{}}},\"pool\":\"small\"}", null, 202);
        String id = id(job);
        Grant first = granted(claim("small", "s"));
        assertThat(first.jobId()).isEqualTo(id);
        fail(first, ErrorCode.COMFYUI_OOM, FailureCategory.OUT_OF_MEMORY);
        await().untilAsserted(() ->
                assertThat(get("/v1/jobs/" + id, 200).at("/pool").asString()).isEqualTo("large"));
        assertThat(get("/internal/jobs/" + id + "/events?after=2", 200)
                        .at("/events/0/data/pool")
                        .asString())
                .isEqualTo("large");
        read(Topics.requested("large"), 1, message -> message.key().equals(id));

        Grant second = granted(claim("large", "l"));
        assertThat(second.jobId()).isEqualTo(id);
        fail(second, ErrorCode.COMFYUI_OOM, FailureCategory.OUT_OF_MEMORY);
        awaitStatus(id, "failed");
        JsonNode failed = get("/v1/jobs/" + id, 200);
        assertThat(failed.at("/error/code").asString()).isEqualTo("COMFYUI_OOM");
        assertThat(failed.at("/error/retryable").asBoolean()).isFalse();
    }

    private void fail(Grant grant, ErrorCode code, FailureCategory category) {
        AttemptRef ref = ref(grant);
        report(new AttemptFailed(ref, ++n, Instant.now(), failure(code, category)));
    }
}
