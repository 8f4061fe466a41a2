package dev.comfygateway.webhook;

import static dev.comfygateway.webhook.Outcomes.id;
import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.Role;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.webhook.Receiver.Received;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** What happens when a receiver does not take a webhook. */
@ExtendWith(OutputCaptureExtension.class)
class WebhookRetryTests extends RunningWebhookService {

    @Autowired
    private MeterRegistry meters;

    @Test
    @Proves("S0-55")
    void triesAgainWithTheSameIdAndBytes() {
        RECEIVER.script("/flaky", Receiver.statuses(500, 302, 200));
        JobOutcome outcome = failed("/flaky");
        publish(outcome);

        awaitState(outcome, "delivered");

        List<Received> requests = RECEIVER.received("/flaky");
        assertThat(requests).extracting(r -> r.header("X-Webhook-Attempt")).containsExactly("1", "2", "3");
        assertThat(requests).extracting(r -> r.header("X-Webhook-Id")).containsOnly(id(outcome));
        assertThat(requests.stream().map(r -> new String(r.body(), StandardCharsets.UTF_8)))
                .hasSize(3)
                .containsOnly(new String(requests.getFirst().body(), StandardCharsets.UTF_8));
    }

    @Test
    @Proves({"S0-55", "S0-56"})
    void givesUpAfterFourTriesAndSendsAgainOnRequest(CapturedOutput output) {
        RECEIVER.script("/broken", Receiver.statuses(500));
        JobOutcome outcome = failed("/broken");
        publish(outcome);

        JsonNode delivery = awaitState(outcome, "failed");

        assertThat(RECEIVER.received("/broken")).hasSize(4);
        assertThat(delivery.path("attempts").asInt()).isEqualTo(4);
        assertThat(delivery.path("lastStatus").asInt()).isEqualTo(500);
        assertThat(delivery.path("lastError").asString()).isEqualTo("STATUS 500");
        assertThat(output).contains("WEBHOOK_DELIVERY_FAILED webhook " + id(outcome) + " attempt 4 of 4");
        assertThat(meters.get(MetricNames.WEBHOOK_DELIVERY)
                        .tag("outcome", "status")
                        .timer()
                        .count())
                .isGreaterThanOrEqualTo(4);

        RECEIVER.script("/broken", Receiver.statuses(200));
        client(Caller.user("key", "other", Role.USER))
                .post()
                .uri("/v1/webhooks/{id}/redeliver", id(outcome))
                .exchange()
                .expectStatus()
                .isNotFound();
        client(Caller.user("key", "acme", Role.USER))
                .post()
                .uri("/v1/webhooks/{id}/redeliver", id(outcome))
                .exchange()
                .expectStatus()
                .isAccepted();
        awaitState(outcome, "delivered");
        assertThat(RECEIVER.received("/broken")).hasSize(5);
    }

    @Test
    @Proves({"S0-55", "S0-56", "X-12"})
    void endsATryThatTakesTooLong(CapturedOutput output) {
        RECEIVER.script("/silent", RECEIVER.silent());
        JobOutcome outcome = failed("/silent");
        publish(outcome);

        JsonNode delivery = awaitState(outcome, "failed");

        assertThat(delivery.path("lastError").asString()).startsWith("TIMEOUT");
        assertThat(delivery.path("attempts").asInt()).isEqualTo(4);
        assertThat(output).contains("WEBHOOK_DELIVERY_FAILED webhook " + id(outcome));
    }
}
