package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.testing.Proves;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Moving waiting jobs in the queue. */
class JobPriorityTests extends JobServiceScenario {

    @Test
    @Proves("S1-9")
    void movesAWaitingJob() {
        String one = id(submit(graph(""), null, 202));
        String two = id(submit(graph(""), null, 202));
        String three = id(submit(graph(""), null, 202));
        JsonNode moved = patch("/v1/jobs/" + three, "{\"priority\":\"high\"}", user(), 200);
        assertThat(moved.at("/priority").asString()).isEqualTo("high");
        assertThat(moved.at("/status").asString()).isEqualTo("queued");
        patch("/v1/jobs/" + one + "/priority", "{\"priority\":\"low\"}", user(), 200);
        // Twice is once.
        patch("/v1/jobs/" + one, "{\"priority\":\"LOW\"}", user(), 200);

        assertThat(events(one)).containsExactly("job.submitted.v1", "job.reprioritized.v1");
        assertThat(List.of(
                        granted(claim("a")).jobId(),
                        granted(claim("b")).jobId(),
                        granted(claim("c")).jobId()))
                .containsExactly(three, two, one);
        assertThat(patch("/v1/jobs/" + one, "{\"priority\":\"high\"}", user(), 409)
                        .at("/code")
                        .asString())
                .isEqualTo("JOB_NOT_WAITING");
    }

    @Test
    void leavesUrgencyToAdministrators() {
        Caller admin = Caller.user("root", "ops", Role.ADMIN);
        String normal = id(submit(graph(",\"priority\":\"high\""), null, 202));
        String late = id(submit(graph(""), null, 202));
        assertThat(submit(graph(",\"priority\":\"urgent\""), null, 403)
                        .at("/code")
                        .asString())
                .isEqualTo("FORBIDDEN");
        patch("/v1/jobs/" + late, "{\"priority\":\"instructor\"}", user(), 403);
        assertThat(patch("/v1/jobs/" + late, "{\"priority\":\"instructor\"}", admin, 200)
                        .at("/priority")
                        .asString())
                .isEqualTo("urgent");
        JsonNode first = call("POST", "/v1/jobs", admin, graph(",\"priority\":\"urgent\""), null, 202);
        assertThat(first.at("/priority").asString()).isEqualTo("urgent");
        assertThat(List.of(
                        granted(claim("a")).jobId(),
                        granted(claim("b")).jobId(),
                        granted(claim("c")).jobId()))
                .containsExactly(late, id(first), normal);
    }

    @Test
    void refusesWhatIsNoPriority() {
        String id = id(submit(graph(""), null, 202));
        for (String body : List.of("{}", "{\"priority\":null}", "{\"priority\":3}", "{\"priority\":\"soon\"}")) {
            assertThat(patch("/v1/jobs/" + id, body, user(), 400)
                            .at("/errors/0/pointer")
                            .asString())
                    .isEqualTo("/priority");
        }
        patch("/v1/jobs/" + id, "[]", user(), 400);
        patch("/v1/jobs/" + id, "{\"priority\":\"low\"}", Caller.user("k", "other", Role.USER), 404);
        patch("/v1/jobs/" + id, "{\"priority\":\"low\"}", Caller.worker(worker), 403);
    }

    private JsonNode patch(String path, String body, Caller caller, int status) {
        return call("PATCH", path, caller, body, null, status);
    }
}
