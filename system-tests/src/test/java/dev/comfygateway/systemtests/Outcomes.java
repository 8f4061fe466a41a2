package dev.comfygateway.systemtests;

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

    private static final String TOPIC = "jobs.completed";

    private Outcomes() {}

    /**
     * Reads {@code jobs.completed} from its beginning to its present end.
     *
     * @return ids of outcomes by job; a record that was only delivered twice has the same id both times
     */
    static Map<String, Set<String>> read(String kafka) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka, "enable.auto.commit", false, "auto.offset.reset", "earliest");
        Map<String, Set<String>> outcomes = new HashMap<>();
        try (Consumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(TOPIC).stream()
                    .map(info -> new TopicPartition(TOPIC, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> outcome : consumer.poll(Duration.ofSeconds(1))) {
                    outcomes.computeIfAbsent(outcome.key(), job -> new HashSet<>())
                            .add(new String(
                                    outcome.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8));
                }
            }
        }
        return outcomes;
    }
}
