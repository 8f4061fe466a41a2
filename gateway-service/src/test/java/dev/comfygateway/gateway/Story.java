package dev.comfygateway.gateway;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.attempt.PreviewShown;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** What happens to one job, told to the topics. */
final class Story {

    static final Instant AT = Instant.parse("2026-11-01T10:00:00Z");
    private static final EventCodec CODEC = new EventCodec();
    private static final KafkaProducer<String, byte[]> PRODUCER = new KafkaProducer<>(
            Map.of("bootstrap.servers", Gateway.broker().getBrokersAsString(), "linger.ms", 0),
            new StringSerializer(),
            new ByteArraySerializer());

    final String jobId = Ids.newJobId();

    JobEvent submitted() {
        return new JobEvent.JobSubmitted(jobId, 1, AT, "default", Priority.NORMAL);
    }

    JobEvent started(long seq, int attempt) {
        return new JobEvent.JobStarted(jobId, seq, AT, attempt, "at_" + attempt, "w-1");
    }

    JobEvent requeued(long seq, int attempt) {
        return new JobEvent.JobRequeued(
                jobId,
                seq,
                AT,
                attempt,
                Failure.of(ErrorCode.WORKER_LOST, FailureCategory.WORKER_LOST, "lost"),
                AT,
                null);
    }

    JobEvent succeeded(long seq) {
        return new JobEvent.JobSucceeded(
                jobId,
                seq,
                AT,
                "at_1",
                List.of(new JobOutput("as_1", 0, "a.png", "image/png", 3, "00", "image", "9", false, false)),
                context());
    }

    JobEvent failed(long seq) {
        return new JobEvent.JobFailed(
                jobId,
                seq,
                AT,
                Failure.of(ErrorCode.COMFYUI_NODE_ERROR, FailureCategory.NODE_ERROR, "KSampler failed"),
                context());
    }

    private JobEvent.OutcomeContext context() {
        return new JobEvent.OutcomeContext("acme", null, Map.of(), null, new JobTiming(AT, AT, AT, 5L), 1);
    }

    AttemptReport progress(int attempt, long n, double fraction) {
        return new AttemptReport.Progressed(
                ref(attempt), n, AT, "3", "KSampler", (int) n, 20, new NodeCount(1, 7), fraction);
    }

    AttemptReport nodeStarted(int attempt, long n, String node) {
        return new AttemptReport.NodeStarted(ref(attempt), n, AT, node, "KSampler", new NodeCount(1, 7));
    }

    private AttemptRef ref(int attempt) {
        return new AttemptRef(jobId, "at_" + attempt, attempt, "w-1");
    }

    /** Publishes, and returns when the broker has it. */
    static void publish(String topic, String key, EventData data) {
        ProducerRecord<String, byte[]> made = CODEC.toRecord(
                topic,
                new EventEnvelope<>(Ids.newEventId(), EventCatalog.typeOf(data), "/test", key, AT, "acme", null, data));
        try {
            PRODUCER.send(made).get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    void live(JobEvent event) {
        publish(event.status().isTerminal() ? "jobs.completed" : "jobs.progress", jobId, event);
    }

    void live(AttemptReport report) {
        publish("jobs.progress", jobId, report);
    }

    /** A picture of a running node, in base64. */
    void preview(int attempt, String image) {
        publish(
                "jobs.previews",
                jobId,
                new PreviewShown(new AttemptRef(jobId, "at_" + attempt, attempt, "w-1"), AT, "3", "image/jpeg", image));
    }
}
