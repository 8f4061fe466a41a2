package dev.comfygateway.storage;

import static dev.comfygateway.storage.SampleBytes.PNG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.asset.LinkRequest;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.OutcomeContext;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.utils.KafkaTestUtils;

/** Which outputs go when the outcome of their job is known. */
class RetentionTests extends WorkerOutputs {

    @Autowired
    private KafkaTemplate<String, byte[]> kafka;

    @Autowired
    private EmbeddedKafkaBroker broker;

    @Autowired
    private EventCodec codec;

    @Test
    void discardsTheOutputsOfAttemptsThatDidNotWin() throws Exception {
        Job winner = new Job("acme");
        Job loser = winner.nextAttempt();
        UploadTarget kept = stored(winner, PNG);
        UploadTarget lost = stored(loser, PNG);
        String lostUrl = url(lost);

        JobOutcome outcome =
                new JobEvent.JobSucceeded(winner.id, 3, Instant.now(), winner.attempt, List.of(), context("acme"));
        publish(outcome);
        publish(outcome);

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get(lostUrl).statusCode()).isEqualTo(404));
        read("/v1/assets/" + lost.assetId(), user("acme")).expectStatus().isNotFound();
        read("/v1/assets/" + kept.assetId(), user("acme")).expectStatus().isOk();
        complete(loser, lost).expectStatus().isForbidden();
        complete(winner, kept).expectStatus().isOk();
        post("/internal/uploads", loser.ticket(), request(1, "late.png", PNG))
                .expectStatus()
                .isForbidden();
    }

    @Test
    void discardsAllOutputsOfAJobWithoutResultAndPutsAsideWhatIsNoEvent() throws Exception {
        Job job = new Job("acme");
        UploadTarget lost = stored(job, PNG);
        String lostUrl = url(lost);

        kafka.send(new ProducerRecord<>(Topics.JOBS_COMPLETED, job.id, "garbage".getBytes(StandardCharsets.UTF_8)))
                .get();
        publish(new JobEvent.JobCanceled(job.id, 4, Instant.now(), context("acme")));

        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(get(lostUrl).statusCode()).isEqualTo(404));
        Map<String, Object> settings = KafkaTestUtils.consumerProps(broker, "test", true);
        try (Consumer<String, byte[]> consumer = new DefaultKafkaConsumerFactory<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer())
                .createConsumer()) {
            broker.consumeFromAnEmbeddedTopic(consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX);
            assertThat(KafkaTestUtils.getSingleRecord(
                                    consumer, Topics.JOBS_COMPLETED + Topics.DLT_SUFFIX, Duration.ofSeconds(20))
                            .value())
                    .isEqualTo("garbage".getBytes(StandardCharsets.UTF_8));
        }
    }

    private UploadTarget stored(Job job, byte[] bytes) throws Exception {
        UploadTarget target = announce(job, 0, "a.png", bytes);
        assertThat(put(target.url(), target.headers(), bytes)).isEqualTo(200);
        complete(job, target).expectStatus().isOk();
        return target;
    }

    private String url(UploadTarget target) {
        return String.valueOf(links("acme", List.of(target.assetId()), LinkRequest.INTERNAL)
                .links()
                .get(target.assetId()));
    }

    private void publish(JobOutcome outcome) throws Exception {
        kafka.send(codec.toRecord(
                        Topics.JOBS_COMPLETED,
                        new EventEnvelope<>(
                                outcome.jobId() + ":" + outcome.seq(),
                                EventCatalog.typeOf(outcome),
                                "/job-service",
                                outcome.jobId(),
                                outcome.at(),
                                "acme",
                                null,
                                outcome)))
                .get();
    }

    private static OutcomeContext context(String tenant) {
        return new OutcomeContext(tenant, null, Map.of(), null, new JobTiming(Instant.now(), null, null, null), 1);
    }
}
