package dev.comfygateway.webhook;

import static dev.comfygateway.webhook.Outcomes.TRACE;
import static dev.comfygateway.webhook.Outcomes.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.webhook.Receiver.Received;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Objects;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** What a webhook says, and by what its receiver knows that it is ours. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WebhookMessageTests extends RunningWebhookService {

    @Test
    @Proves({"S0-53", "S0-54"})
    void deliversASignedWebhook() throws Exception {
        JobOutcome outcome = succeeded("/signed");
        publish(outcome);

        Received request = await().until(() -> first("/signed"), Objects::nonNull);

        JsonNode body = json.readTree(request.body());
        assertThat(body.path("event").asString()).isEqualTo("job.succeeded");
        assertThat(body.path("id").asString()).isEqualTo(id(outcome));
        assertThat(body.path("jobId").asString()).isEqualTo(outcome.jobId());
        assertThat(body.path("status").asString()).isEqualTo("succeeded");
        assertThat(body.path("workflowId").asString()).isEqualTo("demo");
        assertThat(body.path("error").isNull()).isTrue();
        assertThat(body.path("metadata").path("order").asInt()).isEqualTo(7);
        JsonNode output = body.path("result").path("outputs").path(0);
        assertThat(output.path("filename").asString()).isEqualTo("cat_00001.png");
        assertThat(output.path("url").asString()).isEqualTo("https://s3.example/as_1?signed");
        assertThat(output.path("contentUrl").asString()).isEqualTo("https://images.example/v1/assets/as_1/content");
        assertThat(output.path("sha256").asString()).isEqualTo("00ff");
        assertThat(request.header("X-Webhook-Id")).isEqualTo(id(outcome));
        assertThat(request.header("X-Webhook-Attempt")).isEqualTo("1");
        assertThat(request.header("X-Webhook-Event")).isEqualTo("job.succeeded");
        assertThat(request.header("X-Webhook-Timestamp")).matches("[0-9]{10}");
        assertThat(request.header("Content-Type")).isEqualTo("application/json");
        assertThat(request.header("traceparent")).contains(TRACE);
        assertThat(request.header("X-Signature")).isEqualTo("sha256=" + hmac(request.body()));
        awaitState(outcome, "delivered");
    }

    @Test
    @Proves("S0-53")
    void tellsAboutAFailure() {
        JobOutcome outcome = failed("/failure");
        publish(outcome);

        JsonNode body = json.readTree(
                await().until(() -> first("/failure"), Objects::nonNull).body());

        assertThat(body.path("event").asString()).isEqualTo("job.failed");
        assertThat(body.path("error").path("code").asString()).isEqualTo("COMFYUI_OOM");
        assertThat(body.path("error").path("retryable").asBoolean()).isFalse();
        assertThat(body.path("result").path("outputs").isEmpty()).isTrue();
    }

    /** The last one: after it the service does not ask storage-service for a few seconds. */
    @Test
    @Order(Integer.MAX_VALUE)
    void goesWithoutLinksWhenStorageIsAway() {
        STORAGE.script("/internal/links", STORAGE.silent());
        try {
            publish(succeeded("/no-links"));

            JsonNode output = json.readTree(await().until(() -> first("/no-links"), Objects::nonNull)
                            .body())
                    .path("result")
                    .path("outputs")
                    .path(0);
            assertThat(output.path("url").isNull()).isTrue();
            assertThat(output.path("contentUrl").asString()).endsWith("/v1/assets/as_1/content");
        } finally {
            STORAGE.script("/internal/links", (exchange, n) -> answerLinks(exchange));
        }
    }

    private static String hmac(byte[] body) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(WEBHOOK_SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(body));
    }
}
