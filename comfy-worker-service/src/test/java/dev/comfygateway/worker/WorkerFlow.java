package dev.comfygateway.worker;

import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.FakePlatform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInstance;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** The whole worker against a real broker, with fakes of ComfyUI, job-service, storage-service and S3. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class WorkerFlow {

    static final Duration SOON = Duration.ofSeconds(30);
    final EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
    final FakeComfyUi comfy = new FakeComfyUi();
    final FakePlatform platform = new FakePlatform();
    final EventCodec codec = new EventCodec();
    final List<EventEnvelope<EventData>> events = new CopyOnWriteArrayList<>();
    ConfigurableApplicationContext worker;
    KafkaTemplate<String, byte[]> kafka;
    Thread reader;

    @BeforeAll
    @SuppressWarnings("unchecked")
    void start() throws ExecutionException, InterruptedException {
        broker.brokerProperty("share.coordinator.state.topic.replication.factor", "1");
        broker.brokerProperty("share.coordinator.state.topic.min.isr", "1");
        broker.brokerProperty("group.share.min.heartbeat.interval.ms", "500");
        broker.brokerProperty("group.share.heartbeat.interval.ms", "500");
        broker.afterPropertiesSet();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.getBrokersAsString()))) {
            List<NewTopic> topics = new ArrayList<>(List.of(
                    new NewTopic(Topics.JOBS_PROGRESS, 12, (short) 1),
                    new NewTopic(Topics.JOBS_CONTROL, 1, (short) 1),
                    new NewTopic(Topics.JOBS_PREVIEWS, 12, (short) 1),
                    new NewTopic(Topics.WORKERS_HEARTBEAT, 1, (short) 1),
                    new NewTopic(Topics.WORKERS_INVENTORY, 1, (short) 1)));
            Map<ConfigResource, Collection<AlterConfigOp>> groups = new HashMap<>();
            for (String pool : List.of(Topics.DEFAULT_POOL, "other", "second", "third")) {
                topics.add(new NewTopic(Topics.requested(pool), 1, (short) 1));
                groups.put(
                        new ConfigResource(ConfigResource.Type.GROUP, Topics.shareGroup(pool)),
                        List.of(new AlterConfigOp(
                                new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET)));
            }
            admin.createTopics(topics).all().get();
            admin.incrementalAlterConfigs(groups).all().get();
        }
        reader = Thread.ofPlatform().daemon().start(this::read);
        worker = worker("worker-1", Topics.DEFAULT_POOL, Map.of());
        kafka = worker.getBean(KafkaTemplate.class);
        await().atMost(SOON)
                .until(() -> events.stream()
                        .anyMatch(event -> event.data() instanceof WorkerHeartbeat beat && beat.freePermits() > 0));
    }

    /** @param settings instead of the usual ones, by their names */
    ConfigurableApplicationContext worker(String id, String pool, Map<String, String> settings) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("server.port", "0");
        all.put("spring.kafka.bootstrap-servers", broker.getBrokersAsString());
        all.put("comfy.worker.backend.url", comfy.url().toString());
        all.put("comfy.worker.peers.job-service-url", platform.url().toString());
        all.put("comfy.worker.peers.storage-service-url", platform.url().toString());
        all.put("comfy.worker.backend.warm-up", "false");
        all.put("comfy.worker.backend.breaker-pause", "2s");
        all.put("comfy.worker.identity.id", id);
        all.put("comfy.worker.identity.pool", pool);
        all.put("comfy.worker.output.spool", "target/spool");
        all.put("comfy.worker.lease.renew-every", "200ms");
        all.put("comfy.worker.execution.grace", "1s");
        all.put("comfy.edge.internal-secret", "a-secret-for-tests-only");
        all.putAll(settings);
        return SpringApplication.run(
                WorkerApplication.class,
                all.entrySet().stream()
                        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                        .toArray(String[]::new));
    }

    @AfterAll
    void stop() {
        worker.close();
        reader.interrupt();
        comfy.close();
        platform.close();
        broker.destroy();
    }

    @BeforeEach
    void reset() {
        comfy.script = comfy::succeed;
        comfy.onInterrupt = () -> {};
        comfy.cachedNodes = List.of();
        comfy.calls.clear();
        platform.claimIds.clear();
    }

    WorkerHeartbeat lastBeat() {
        return beats("worker-1").getLast();
    }

    /** What a worker has said of itself, in order. */
    List<WorkerHeartbeat> beats(String workerId) {
        return events.stream()
                .map(EventEnvelope::data)
                .filter(WorkerHeartbeat.class::isInstance)
                .map(WorkerHeartbeat.class::cast)
                .filter(beat -> beat.workerId().equals(workerId))
                .toList();
    }

    Grant grant(String prefix) {
        return grant(prefix, null);
    }

    Grant grant(String prefix, @Nullable Double estimatedSeconds) {
        Map<String, Object> graph = new LinkedHashMap<>();
        graph.put("1", Map.of("class_type", "EmptyImage", "inputs", Map.of("width", 4), "is_changed", List.of("x")));
        graph.put(
                "2",
                Map.of(
                        "class_type",
                        "SaveImage",
                        "inputs",
                        Map.of("images", List.of("1", 0), "filename_prefix", prefix)));
        return new Grant(
                Ids.newJobId(),
                Ids.newAttemptId(),
                1,
                "default",
                graph,
                List.of(),
                new Grant.Limits(30, 30, 60),
                30,
                "ticket",
                false,
                false,
                estimatedSeconds,
                null);
    }

    void run(Grant grant) {
        run(grant, Topics.DEFAULT_POOL);
    }

    void run(Grant grant, String pool) {
        synchronized (platform.grants) {
            platform.grants.add(grant);
        }
        send(
                Topics.requested(pool),
                new EventEnvelope<>(
                        Ids.newEventId(),
                        new EventType("job.offered", 1),
                        "/job-service",
                        grant.jobId(),
                        Instant.now(),
                        null,
                        null,
                        new JobOffered(grant.jobId(), pool, Instant.now())));
    }

    void send(String topic, EventEnvelope<?> event) {
        kafka.send(codec.toRecord(topic, event)).join();
    }

    List<AttemptReport> reports(Grant grant) {
        List<AttemptReport> found = new ArrayList<>();
        for (EventEnvelope<EventData> event : events) {
            if (event.data() instanceof AttemptReport report
                    && report.attempt().attemptId().equals(grant.attemptId())) {
                found.add(report);
            }
        }
        return found;
    }

    AttemptReport end(Grant grant) {
        Predicate<AttemptReport> ended = AttemptReport.Ended.class::isInstance;
        await().atMost(SOON).until(() -> reports(grant).stream().anyMatch(ended));
        return reports(grant).stream().filter(ended).findFirst().orElseThrow();
    }

    void read() {
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.getBrokersAsString(), "auto.offset.reset", "earliest"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                all.add(new TopicPartition(Topics.JOBS_PROGRESS, i));
            }
            all.add(new TopicPartition(Topics.WORKERS_HEARTBEAT, 0));
            consumer.assign(all);
            while (!Thread.currentThread().isInterrupted()) {
                for (ConsumerRecord<String, byte[]> message : consumer.poll(Duration.ofMillis(200))) {
                    codec.decode(message).ifPresent(events::add);
                }
            }
        } catch (InterruptException e) {
            Thread.currentThread().interrupt();
        }
    }
}
