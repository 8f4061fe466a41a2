package dev.comfygateway.webhook;

import static dev.comfygateway.webhook.Outcomes.envelope;
import static dev.comfygateway.webhook.Outcomes.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.webhook.delivery.Deliveries;
import dev.comfygateway.webhook.delivery.Delivery;
import dev.comfygateway.webhook.delivery.DeliveryState;
import dev.comfygateway.webhook.outcome.RecordOutcome;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** What outlives the process. */
class RestartTests extends RunningWebhookService {

    @Test
    void picksPendingDeliveriesUpAfterARestart() throws SQLException {
        try (Connection connection = POSTGRES.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create database restarted");
        }
        RECEIVER.script("/restart", Receiver.statuses(503, 200));
        JobOutcome outcome = failed("/restart");

        try (ConfigurableApplicationContext before = startOther()) {
            before.getBean(RecordOutcome.class).handle(envelope(outcome)).block(Duration.ofSeconds(10));
            await().until(() -> RECEIVER.received("/restart").size() == 1);
        }
        assertThat(RECEIVER.received("/restart")).hasSize(1);
        try (ConfigurableApplicationContext after = startOther()) {
            await().until(
                            () -> after.getBean(Deliveries.class)
                                    .find(id(outcome))
                                    .map(Delivery::state)
                                    .block(Duration.ofSeconds(10)),
                            state -> state == DeliveryState.DELIVERED);
        }

        assertThat(RECEIVER.received("/restart"))
                .extracting(request -> request.header("X-Webhook-Attempt"))
                .containsExactly("1", "2");
    }

    /** A process of its own on a database of its own, so that nobody else sends what it leaves. */
    private static ConfigurableApplicationContext startOther() {
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.kafka.listener.auto-startup=false",
                "--comfy.edge.internal-secret=" + INTERNAL_SECRET,
                "--comfy.webhook.target.allow-private-addresses=true",
                "--comfy.webhook.delivery.retry-delays=1500ms"));
        databaseSettings("restarted").forEach((name, value) -> arguments.add("--" + name + "=" + value));
        return new SpringApplicationBuilder(WebhookServiceApplication.class).run(arguments.toArray(String[]::new));
    }
}
