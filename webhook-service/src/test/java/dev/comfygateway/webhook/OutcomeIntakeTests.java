package dev.comfygateway.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.utils.KafkaTestUtils;

/** Which records become webhooks. */
class OutcomeIntakeTests extends RunningWebhookService {

    @Autowired
    private EmbeddedKafkaBroker broker;

    @Test
    void sendsARepeatedOutcomeOnce() {
        JobOutcome outcome = failed("/repeated");
        publish(outcome);
        publish(outcome);
        JobOutcome next = failed("/after-repeated");
        publish(next);

        awaitState(next, "delivered");
        awaitState(outcome, "delivered");

        assertThat(RECEIVER.received("/repeated")).hasSize(1);
        assertThat(deliveries(outcome, "acme").size()).isEqualTo(1);
    }

    @Test
    void putsAnUndecodableRecordAsideAndGoesOn() {
        kafka.send(Topics.JOBS_COMPLETED, "j_bad", "not an event".getBytes(StandardCharsets.UTF_8))
                .join();
        JobOutcome next = failed("/after-bad");
        publish(next);

        awaitState(next, "delivered");

        Map<String, Object> settings = KafkaTestUtils.consumerProps(broker, "dlt-reader", false);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        try (Consumer<String, byte[]> consumer = new DefaultKafkaConsumerFactory<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer())
                .createConsumer()) {
            consumer.subscribe(List.of(Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX));
            ConsumerRecord<String, byte[]> dead = KafkaTestUtils.getSingleRecord(
                    consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX, Duration.ofSeconds(20));
            assertThat(dead.value()).asString(StandardCharsets.UTF_8).isEqualTo("not an event");
            assertThat(dead.headers().lastHeader("kafka_dlt-exception-message")).isNotNull();
        }
    }
}
