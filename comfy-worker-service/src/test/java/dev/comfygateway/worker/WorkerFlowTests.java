package dev.comfygateway.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.event.EventData;
import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.EventType;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.offer.AttemptStopRequested;
import dev.comfygateway.contract.offer.JobOffered;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.testing.Proves;
import dev.comfygateway.worker.execution.HeldAttempts;
import dev.comfygateway.worker.testing.FakeComfyUi;
import dev.comfygateway.worker.testing.FakePlatform;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/** The whole worker against a real broker, with fakes of ComfyUI, job-service, storage-service and S3. */
@ExtendWith(OutputCaptureExtension.class)
class WorkerFlowTests {

    private static final Duration SOON = Duration.ofSeconds(30);
    private static final EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
    private static final FakeComfyUi comfy = new FakeComfyUi();
    private static final FakePlatform platform = new FakePlatform();
    private static final EventCodec codec = new EventCodec();
    private static final List<EventEnvelope<EventData>> events = new CopyOnWriteArrayList<>();
    private static ConfigurableApplicationContext worker;
    private static KafkaTemplate<String, byte[]> kafka;
    private static Thread reader;

    @BeforeAll
    @SuppressWarnings("unchecked")
    static void start() throws ExecutionException, InterruptedException {
        broker.brokerProperty("share.coordinator.state.topic.replication.factor", "1");
        broker.brokerProperty("share.coordinator.state.topic.min.isr", "1");
        broker.brokerProperty("group.share.min.heartbeat.interval.ms", "500");
        broker.brokerProperty("group.share.heartbeat.interval.ms", "500");
        broker.afterPropertiesSet();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.getBrokersAsString()))) {
            admin.createTopics(List.of(
                            new NewTopic(Topics.JOBS_REQUESTED, 1, (short) 1),
                            new NewTopic(Topics.requested("other"), 1, (short) 1),
                            new NewTopic(Topics.JOBS_PROGRESS, 12, (short) 1),
                            new NewTopic(Topics.JOBS_CONTROL, 1, (short) 1),
                            new NewTopic(Topics.JOBS_PREVIEWS, 12, (short) 1),
                            new NewTopic(Topics.WORKERS_HEARTBEAT, 1, (short) 1),
                            new NewTopic(Topics.WORKERS_INVENTORY, 1, (short) 1)))
                    .all()
                    .get();
            AlterConfigOp earliest =
                    new AlterConfigOp(new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.GROUP, Topics.shareGroup(Topics.DEFAULT_POOL)),
                            List.of(earliest),
                            new ConfigResource(ConfigResource.Type.GROUP, Topics.shareGroup("other")),
                            List.of(earliest)))
                    .all()
                    .get();
        }
        reader = Thread.ofPlatform().daemon().start(WorkerFlowTests::read);
        worker = worker("worker-1", Topics.DEFAULT_POOL);
        kafka = worker.getBean(KafkaTemplate.class);
        await().atMost(SOON)
                .until(() -> events.stream()
                        .anyMatch(event -> event.data() instanceof WorkerHeartbeat beat && beat.freePermits() > 0));
    }

    private static ConfigurableApplicationContext worker(String id, String pool) {
        return SpringApplication.run(
                WorkerApplication.class,
                "--server.port=0",
                "--spring.kafka.bootstrap-servers=" + broker.getBrokersAsString(),
                "--comfy.worker.backend.url=" + comfy.url(),
                "--comfy.worker.peers.job-service-url=" + platform.url(),
                "--comfy.worker.peers.storage-service-url=" + platform.url(),
                "--comfy.worker.backend.warm-up=false",
                "--comfy.worker.backend.breaker-pause=2s",
                "--comfy.worker.identity.id=" + id,
                "--comfy.worker.identity.pool=" + pool,
                "--comfy.worker.output.spool=target/spool",
                "--comfy.worker.lease.renew-every=200ms",
                "--comfy.worker.execution.grace=1s",
                "--comfy.edge.internal-secret=a-secret-for-tests-only");
    }

    @AfterAll
    static void stop() {
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

    @Test
    @Proves({"S2-2", "S2-5"})
    void runsAGrantedAttemptAndReportsItsVerifiedOutput(CapturedOutput log) {
        Grant grant = grant("my picture & ü");
        run(grant);

        AttemptReport end = end(grant);
        assertThat(end).isInstanceOfSatisfying(AttemptReport.AttemptSucceeded.class, succeeded -> {
            assertThat(succeeded.executionTimeMs()).isEqualTo(10);
            assertThat(succeeded.outputs()).singleElement().satisfies(output -> {
                assertThat(output.filename()).isEqualTo("my picture & ü_00001_.png");
                assertThat(output.contentType()).isEqualTo("image/png");
                assertThat(platform.objects.get(output.assetId())).isEqualTo(FakeComfyUi.png());
            });
        });
        String bytes = "bytes=\"" + FakeComfyUi.png().length + "\"";
        assertThat(log.getOut().lines().filter(line -> line.contains(grant.jobId())))
                .anyMatch(line -> line.contains("Output downloaded") && line.contains(bytes))
                .anyMatch(line -> line.contains("Output uploaded") && line.contains(bytes) && line.contains("as_"));
        List<AttemptReport> all = reports(grant);
        assertThat(all.stream().map(AttemptReport::n).toList())
                .containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(1, all.size())
                        .boxed()
                        .toList());
        assertThat(all.getFirst()).isInstanceOf(AttemptReport.ExecutionStarted.class);
        assertThat(all.stream().filter(AttemptReport.NodeFinished.class::isInstance))
                .hasSize(2);
        assertThat(all.get(all.size() - 2)).isInstanceOf(AttemptReport.OutputStored.class);
        assertThat(comfy.calls)
                .anyMatch(call ->
                        call.startsWith("view ") && call.contains("filename=my%20picture%20%26%20%C3%BC_00001_.png"));
        await().atMost(SOON).untilAsserted(() -> assertThat(comfy.calls).anyMatch(call -> call.startsWith("forget ")));
        assertThat(platform.putHeaders.getLast()).contains("If-None-Match=*").contains("x-amz-checksum-sha256");
        await().atMost(SOON)
                .until(() -> worker.getBean(HeldAttempts.class).ids().isEmpty());
    }

    @Test
    void asksAgainWithTheSameClaimWhenTheAnswerGotLost() {
        platform.loseAnswers.set(2);
        Grant grant = grant("lost");
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        String first = platform.claimIds.getFirst();
        assertThat(platform.claimIds).hasSizeGreaterThanOrEqualTo(3);
        assertThat(platform.claimIds.subList(0, 3)).containsOnly(first);
    }

    @Test
    void bringsInputsIntoARandomFolderAndNamesThemInTheGraph() throws Exception {
        byte[] picture = FakeComfyUi.png();
        platform.objects.put("as_1", picture);
        String sha =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(picture));
        Grant plain = grant("in");
        Grant grant = new Grant(
                plain.jobId(),
                plain.attemptId(),
                1,
                "default",
                plain.workflow(),
                List.of(new Grant.InputAsset(
                        "as_1", "photo.PNG", picture.length, sha, List.of(new Grant.InputUse("1", "image")))),
                plain.limits(),
                30,
                "ticket",
                false,
                false,
                null,
                null);
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        assertThat(comfy.submissions
                        .getLast()
                        .graph()
                        .path("1")
                        .path("inputs")
                        .path("image")
                        .asString())
                .matches("cg/[0-9a-f]{32}/given\\.png");
    }

    @Test
    void cancelsExactlyItsPromptWhenToldThroughTheControlTopic() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> {
                comfy.history.put(
                        submission.promptId(),
                        FakeComfyUi.entry(
                                Map.of(), "error", List.of(List.of("execution_interrupted", Map.of("node_id", "1")))));
                comfy.running.remove(submission.promptId());
                comfy.endMarker(submission);
            };
        };
        Grant grant = grant("cancel");
        run(grant);
        await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        send(
                Topics.JOBS_CONTROL,
                new EventEnvelope<>(
                        "1",
                        new EventType("attempt.stop-requested", 1),
                        "/job-service",
                        grant.jobId(),
                        Instant.now(),
                        null,
                        null,
                        new AttemptStopRequested(grant.jobId(), grant.attemptId(), "worker-1", Instant.now())));

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptCanceled.class);
        String promptId = comfy.submissions.getLast().promptId();
        assertThat(comfy.calls).contains("interrupt {\"prompt_id\":\"" + promptId + "\"}");
    }

    @Test
    void saysNothingMoreWhenItsLeaseHasEnded() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
        };
        Grant grant = grant("fenced");
        run(grant);
        await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        platform.ended.add(grant.attemptId());

        await().atMost(SOON)
                .until(() -> !worker.getBean(HeldAttempts.class).ids().contains(grant.attemptId()));
        comfy.script = comfy::succeed;
        Grant next = grant("next");
        run(next);
        assertThat(end(next)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        assertThat(reports(grant)).noneMatch(AttemptReport.Ended.class::isInstance);
    }

    @Test
    @Proves({"S2-4", "X-3"})
    void failsAnAttemptWhoseOutputIsEmpty() {
        comfy.script = submission -> {
            Map<String, Object> entry = comfy.successEntry(submission);
            comfy.files.replaceAll((name, bytes) -> name.contains("empty") ? new byte[0] : bytes);
            comfy.announce(submission);
            comfy.history.put(submission.promptId(), entry);
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
        Grant grant = grant("empty");
        run(grant);

        assertThat(end(grant))
                .isInstanceOfSatisfying(
                        AttemptReport.AttemptFailed.class,
                        failed -> assertThat(failed.failure().code()).isEqualTo(ErrorCode.OUTPUT_EMPTY));
    }

    @Test
    void givesBackWhatDoesNotEndWithinTheGraceAndSaysGoodbye() {
        comfy.script = submission -> {
            comfy.running.add(submission.promptId());
            comfy.event(submission, "execution_start", Map.of("timestamp", 1));
            comfy.onInterrupt = () -> comfy.running.remove(submission.promptId());
        };
        Grant grant = grant("evicted");
        try (ConfigurableApplicationContext other = worker("worker-2", "other")) {
            assertThat(other.isRunning()).isTrue();
            run(grant, "other");
            await().atMost(SOON).until(() -> !reports(grant).isEmpty());
        }

        assertThat(end(grant)).isInstanceOfSatisfying(AttemptReport.AttemptFailed.class, failed -> {
            assertThat(failed.failure().code()).isEqualTo(ErrorCode.ATTEMPT_EVICTED);
            assertThat(failed.failure().category()).isEqualTo(FailureCategory.EVICTED);
        });
        assertThat(comfy.running).isEmpty();
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(events.stream()
                                .map(EventEnvelope::data)
                                .filter(data -> data instanceof WorkerHeartbeat beat
                                        && beat.workerId().equals("worker-2"))
                                .map(data -> ((WorkerHeartbeat) data).state())
                                .toList())
                        .endsWith(WorkerState.DRAINING, WorkerState.STOPPED));
    }

    @Test
    void runsAgainWithAnotherPrefixWhenACachedFileIsGone() {
        comfy.script = submission -> {
            comfy.announce(submission);
            boolean first = !submission.graph().toString().contains("-2/");
            comfy.cachedNodes = first ? List.of("1", "2") : List.of("1");
            Map<String, Object> entry = comfy.successEntry(submission);
            if (first) {
                comfy.files.keySet().removeIf(name -> name.contains("gone"));
            }
            comfy.history.put(submission.promptId(), entry);
            comfy.running.remove(submission.promptId());
            comfy.endMarker(submission);
        };
        Grant grant = grant("gone");
        run(grant);

        assertThat(end(grant)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
    }

    @Test
    @Proves({"S3-30", "S3-34"})
    void takesNoWorkForAServerThatLosesItAndTriesAgain() {
        comfy.refusal = new FakeComfyUi.Answer(403, "");
        for (int i = 0; i < 5; i++) {
            Grant lost = grant("lost-" + i);
            run(lost);
            assertThat(end(lost))
                    .isInstanceOfSatisfying(
                            AttemptReport.AttemptFailed.class,
                            failed -> assertThat(failed.failure().category()).isEqualTo(FailureCategory.BACKEND_LOST));
        }
        await().atMost(SOON)
                .until(() -> lastBeat().state() == WorkerState.UNREACHABLE
                        && lastBeat().freePermits() == 0);

        comfy.refusal = null;
        Grant waiting = grant("waiting");
        run(waiting);

        assertThat(end(waiting)).isInstanceOf(AttemptReport.AttemptSucceeded.class);
        await().atMost(SOON).until(() -> lastBeat().state() == WorkerState.IDLE);
    }

    private static WorkerHeartbeat lastBeat() {
        return events.stream()
                .map(EventEnvelope::data)
                .filter(WorkerHeartbeat.class::isInstance)
                .map(WorkerHeartbeat.class::cast)
                .filter(beat -> beat.workerId().equals("worker-1"))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private static Grant grant(String prefix) {
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
                null,
                null);
    }

    private static void run(Grant grant) {
        run(grant, Topics.DEFAULT_POOL);
    }

    private static void run(Grant grant, String pool) {
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

    private static void send(String topic, EventEnvelope<?> event) {
        kafka.send(codec.toRecord(topic, event)).join();
    }

    private static List<AttemptReport> reports(Grant grant) {
        List<AttemptReport> found = new ArrayList<>();
        for (EventEnvelope<EventData> event : events) {
            if (event.data() instanceof AttemptReport report
                    && report.attempt().attemptId().equals(grant.attemptId())) {
                found.add(report);
            }
        }
        return found;
    }

    private static AttemptReport end(Grant grant) {
        Predicate<AttemptReport> ended = AttemptReport.Ended.class::isInstance;
        await().atMost(SOON).until(() -> reports(grant).stream().anyMatch(ended));
        return reports(grant).stream().filter(ended).findFirst().orElseThrow();
    }

    private static void read() {
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
