package dev.comfygateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.edge.Caller;
import org.junit.jupiter.api.Test;
import org.springframework.test.web.reactive.server.WebTestClient;

/** Whose deliveries a caller may see. */
class TenantTests extends RunningWebhookService {

    @Test
    void showsDeliveriesToTheirTenantOnly() {
        JobOutcome outcome = failed("/shown");
        publish(outcome);
        awaitState(outcome, "delivered");

        assertThat(deliveries(outcome, "other").size()).isZero();
        client(Caller.worker("w1"))
                .get()
                .uri("/v1/jobs/{id}/webhooks", outcome.jobId())
                .exchange()
                .expectStatus()
                .isForbidden();
        WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .build()
                .get()
                .uri("/v1/jobs/{id}/webhooks", outcome.jobId())
                .exchange()
                .expectStatus()
                .isUnauthorized();
    }
}
