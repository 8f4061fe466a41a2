package dev.comfygateway.worker.execution;

import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.TraceContexts;
import dev.comfygateway.worker.reporting.AttemptReporters;
import dev.comfygateway.worker.settings.WorkerIdentity;
import dev.comfygateway.worker.testing.FakePlatform;
import dev.comfygateway.worker.testing.TestBackends;
import io.micrometer.observation.ObservationRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.core.KafkaOperations;

/** Runs whole attempts, from the grant to the acknowledged report, with a fake of the platform and of Kafka. */
final class TestRunner implements AutoCloseable {

    final FakePlatform platform = new FakePlatform();
    final HeldAttempts held = new HeldAttempts();
    /** Whether Kafka takes nothing. */
    volatile boolean kafkaAway;

    private final EventCodec codec = new EventCodec();
    private final List<AttemptReport> reports = new CopyOnWriteArrayList<>();
    private final AttemptRunner runner;

    @SuppressWarnings("unchecked")
    TestRunner() {
        KafkaOperations<String, byte[]> kafka = mock(KafkaOperations.class);
        when(kafka.send(any(ProducerRecord.class))).thenAnswer(call -> {
            ProducerRecord<String, byte[]> sent = call.getArgument(0);
            AttemptReport report = report(sent);
            if (kafkaAway) {
                return CompletableFuture.failedFuture(new KafkaException("away"));
            }
            reports.add(report);
            return CompletableFuture.completedFuture(null);
        });
        AttemptWork.Tools tools = TestAttempts.tools(platform, TestBackends.FAST);
        runner = new AttemptRunner(
                held,
                tools.inputs(),
                tools.fetcher(),
                tools.store(),
                new AttemptReporters(kafka, codec, Clock.systemUTC(), new WorkerIdentity("w", "i", "default")),
                tools.previews(),
                tools.shared(),
                tools.settings(),
                new TraceContexts(ObservationRegistry.NOOP, null, null),
                ObservationRegistry.NOOP);
    }

    private AttemptReport report(ProducerRecord<String, byte[]> sent) {
        return (AttemptReport) codec.decode(new ConsumerRecord<>(
                        sent.topic(),
                        0,
                        0,
                        ConsumerRecord.NO_TIMESTAMP,
                        TimestampType.NO_TIMESTAMP_TYPE,
                        ConsumerRecord.NULL_SIZE,
                        ConsumerRecord.NULL_SIZE,
                        sent.key(),
                        sent.value(),
                        sent.headers(),
                        Optional.empty()))
                .orElseThrow()
                .data();
    }

    void start(Attempt attempt) {
        attempt.backend().slot().tryPrepare(Duration.ofHours(1));
        runner.hold(attempt);
        runner.start(attempt);
    }

    /** What Kafka has taken. */
    List<AttemptReport> reports() {
        return List.copyOf(reports);
    }

    /** Blocks until there is a final report. */
    AttemptReport end() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> reports.stream().anyMatch(AttemptReport.Ended.class::isInstance));
        return reports.stream()
                .filter(AttemptReport.Ended.class::isInstance)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        platform.close();
    }
}
