package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptSucceeded;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.testing.Proves;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.test.web.reactive.server.WebTestClient;

/** What an autoscaler asks about a pool. */
class PoolDemandTests extends JobServiceScenario {

    private final Caller admin = Caller.user("root", "operators", Role.ADMIN);

    @Test
    @Proves("S1-4")
    void tellsHowManySlotsThereIsWorkFor() {
        submit(graph(""), null, 202);
        submit(graph(""), null, 202);
        granted(claim("1"));
        awaitDemand(1, 1, 2);

        call("POST", "/v1/pools/" + pool + "/pause", admin, null, null, 200);
        awaitDemand(1, 1, 1);
        call("POST", "/v1/pools/" + pool + "/resume", admin, null, null, 200);
        awaitDemand(1, 1, 2);
    }

    @Test
    void forgetsWhatHasEnded() {
        submit(graph(""), null, 202);
        Grant grant = granted(claim("1"));
        String waiting = id(submit(graph(""), null, 202));
        awaitDemand(1, 1, 2);

        report(new AttemptSucceeded(ref(grant), 1, Instant.now(), List.of(output()), 1));
        awaitDemand(1, 0, 1);
        cancel(waiting);
        awaitDemand(0, 0, 0);
    }

    @Test
    void knowsOnlyPoolsThatExist() {
        withoutToken("/actuator/demand/nowhere").expectStatus().isNotFound();
    }

    /** An autoscaler has none. */
    private WebTestClient.ResponseSpec withoutToken(String path) {
        return WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .build()
                .get()
                .uri(path)
                .exchange();
    }

    private void awaitDemand(int queued, int running, int demand) {
        await().untilAsserted(() -> assertThat(demand())
                .isEqualTo("{\"pool\":\"%s\",\"queued\":%d,\"running\":%d,\"demand\":%d}"
                        .formatted(pool, queued, running, demand)));
    }

    private String demand() {
        return new String(
                Objects.requireNonNull(withoutToken("/actuator/demand/" + pool)
                        .expectStatus()
                        .isOk()
                        .expectBody()
                        .returnResult()
                        .getResponseBody()),
                StandardCharsets.UTF_8);
    }
}
