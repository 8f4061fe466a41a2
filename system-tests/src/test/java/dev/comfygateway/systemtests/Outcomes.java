package dev.comfygateway.systemtests;

import dev.comfygateway.contract.event.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** The outcomes that job-service published, as every service behind it sees them. */
final class Outcomes {

    private Outcomes() {}

    /**
     * One outcome; a record that was only delivered twice is the same both times.
     *
     * @param type of the event, {@code job.succeeded.v1} for example
     */
    record Outcome(String id, String type) {}

    /** Reads {@code jobs.completed} from its beginning to its present end; returns the outcomes by job. */
    static Map<String, Set<Outcome>> read(String kafka) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka, "enable.auto.commit", false, "auto.offset.reset", "earliest");
        Map<String, Set<Outcome>> outcomes = new HashMap<>();
        try (Consumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(Topics.JOBS_COMPLETED).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> outcome : consumer.poll(Duration.ofSeconds(1))) {
                    outcomes.computeIfAbsent(outcome.key(), job -> new HashSet<>())
                            .add(new Outcome(header(outcome, "ce_id"), header(outcome, "ce_type")));
                }
            }
        }
        return outcomes;
    }

    private static String header(ConsumerRecord<String, byte[]> outcome, String name) {
        return new String(outcome.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
