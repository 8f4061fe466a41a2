package dev.comfygateway.standalone.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.standalone.FreePorts;
import dev.comfygateway.standalone.JavaChild;
import dev.comfygateway.standalone.process.Child;
import dev.comfygateway.topic.TopicSetup;
import dev.comfygateway.topic.TopicSetupException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaTests {

    @TempDir
    Path folder;

    @Test
    void keepsTopicsAndRecordsOverKillAndEndsWhenStdinCloses() throws Exception {
        List<Integer> ports = FreePorts.some(2);
        String servers = "127.0.0.1:" + ports.get(0);
        Child first = start(ports);
        assertThatExceptionOfType(TopicSetupException.class)
                .isThrownBy(() -> TopicSetup.await(servers, Set.of(Topics.DEFAULT_POOL), Duration.ofSeconds(1)))
                .withMessageContaining("no jobs.requested, jobs.progress");
        setUp(servers);
        setUp(servers);
        TopicSetup.await(servers, Set.of(Topics.DEFAULT_POOL), Duration.ofSeconds(30));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            assertThat(admin.listTopics().names().get(10, TimeUnit.SECONDS))
                    .contains(
                            "jobs.requested",
                            "jobs.progress",
                            "jobs.completed",
                            "jobs.control",
                            "workers.heartbeat",
                            "workers.inventory",
                            "jobs.progress-dlt",
                            "jobs.completed-dlt");
            var descriptions = admin.describeTopics(List.of("jobs.requested", "jobs.progress"))
                    .allTopicNames()
                    .get(10, TimeUnit.SECONDS);
            assertThat(descriptions.values())
                    .extracting(topic -> topic.name() + " " + topic.partitions().size())
                    .containsExactlyInAnyOrder("jobs.requested 1", "jobs.progress " + Topics.JOB_PARTITIONS);
        }
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(Topics.JOBS_REQUESTED, "j_1", "offer"))
                    .get(20, TimeUnit.SECONDS);
        }

        JavaChild.kill(first);
        Child second = start(ports);

        // Sent before the group had ever been seen: the group begins with the earliest record.
        assertThat(firstValue(servers)).contains("offer");
        assertThat(JavaChild.endsWhenStdinCloses(second)).isTrue();
    }

    @Test
    void takesFurtherSettingsFromAFile() throws Exception {
        List<Integer> ports = FreePorts.some(2);
        Path settings = Files.writeString(
                folder.resolve("broker.properties"),
                "advertised.listeners=PLAINTEXT://localhost:" + ports.get(0) + "\n");
        Child broker = start(ports, Map.of("KAFKA_SETTINGS", settings.toString()));

        try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + ports.get(0)))) {
            assertThat(admin.describeCluster().nodes().get(20, TimeUnit.SECONDS))
                    .extracting(Node::host)
                    .containsExactly("localhost");
        }
        assertThat(JavaChild.endsWhenStdinCloses(broker)).isTrue();
    }

    private Child start(List<Integer> ports) throws Exception {
        return start(ports, Map.of());
    }

    private Child start(List<Integer> ports, Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("KAFKA_PORT", String.valueOf(ports.get(0)));
        environment.put("KAFKA_CONTROLLER_PORT", String.valueOf(ports.get(1)));
        environment.put("KAFKA_DATA", folder.resolve("kafka").toString());
        return JavaChild.ready(EmbeddedKafka.class.getName(), folder, environment);
    }

    private static void setUp(String servers) throws InterruptedException {
        TopicSetup.run(servers, Optional.empty(), Set.of(Topics.DEFAULT_POOL), Duration.ofSeconds(30));
    }

    private static Optional<String> firstValue(String servers) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", servers, "group.id", Topics.shareGroup(Topics.DEFAULT_POOL));
        try (KafkaShareConsumer<String, String> consumer =
                new KafkaShareConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(Topics.JOBS_REQUESTED));
            long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (System.nanoTime() < deadline) {
                for (var seen : consumer.poll(Duration.ofMillis(500))) {
                    return Optional.of(seen.value());
                }
            }
            return Optional.empty();
        }
    }
}
