package dev.comfygateway.systemtests;

import dev.comfygateway.contract.event.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes what is in the topics again, at their ends: the same key, headers and value, in the same order. Each record is
 * repeated once, also over several calls; its own copies are not. Used by one thread at a time.
 */
final class Duplicator {

    static final List<String> TOPICS = List.of(
            Topics.JOBS_REQUESTED,
            Topics.JOBS_PROGRESS,
            Topics.JOBS_COMPLETED,
            Topics.JOBS_CONTROL,
            Topics.JOBS_PREVIEWS,
            Topics.WORKERS_HEARTBEAT,
            Topics.WORKERS_INVENTORY);

    private final String kafka;
    private final Map<TopicPartition, Long> next = new HashMap<>();
    private final Set<String> copies = new HashSet<>();
    private final Map<String, Integer> counts = new TreeMap<>();

    Duplicator(String kafka) {
        this.kafka = kafka;
    }

    /** How many records of each topic were written again. */
    Map<String, Integer> counts() {
        return Map.copyOf(counts);
    }

    /** Repeats what has come since the last call; blocks until the copies are written. */
    void repeatNewRecords() {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka, "enable.auto.commit", false, "auto.offset.reset", "earliest");
        Map<String, Object> writing = Map.of("bootstrap.servers", kafka, "acks", "all");
        try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
                KafkaProducer<byte[], byte[]> producer =
                        new KafkaProducer<>(writing, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<TopicPartition> partitions = TOPICS.stream()
                    .flatMap(topic -> consumer.partitionsFor(topic).stream())
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            next.forEach(consumer::seek);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            List<Future<RecordMetadata>> written = new ArrayList<>();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> found : consumer.poll(Duration.ofSeconds(1))) {
                    TopicPartition partition = new TopicPartition(found.topic(), found.partition());
                    if (found.offset() < ends.getOrDefault(partition, 0L)
                            && !copies.remove(partition + "@" + found.offset())) {
                        written.add(producer.send(new ProducerRecord<>(
                                found.topic(), found.partition(), found.key(), found.value(), found.headers())));
                    }
                }
            }
            next.putAll(ends);
            for (Future<RecordMetadata> copy : written) {
                RecordMetadata at = copy.get();
                copies.add(new TopicPartition(at.topic(), at.partition()) + "@" + at.offset());
                counts.merge(at.topic(), 1, Integer::sum);
            }
        } catch (ExecutionException e) {
            throw new AssertionError("Copies could not be written", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted", e);
        }
    }
}
