package dev.comfygateway.scaledown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.event.Topics;
import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.contract.worker.WorkerState;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import dev.comfygateway.kafka.EventCodec;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.server.mock.KubernetesMixedDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.ServerRequest;
import io.fabric8.mockwebserver.ServerResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.test.web.reactive.server.WebTestClient;

/** The whole controller between a real broker and a stand-in for the cluster's API that keeps what it is told. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "logging.level.kafka=warn",
            "comfy.scale-down.every=200ms",
            "comfy.scale-down.idle-after=10s",
            "comfy.scale-down.lost-after=1h",
            "spring.kafka.bootstrap-servers=${spring.embedded.kafka.brokers}",
            "spring.kafka.producer.key-serializer=org.apache.kafka.common.serialization.StringSerializer",
            "spring.kafka.producer.value-serializer=org.apache.kafka.common.serialization.ByteArraySerializer"
        })
@EmbeddedKafka(partitions = 1, topics = Topics.WORKERS_HEARTBEAT)
class ScaleDownControllerTests {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TestConfiguration(proxyBeanMethods = false)
    static class Cluster {

        @Bean(destroyMethod = "destroy")
        KubernetesMockServer api() {
            Map<ServerRequest, Queue<ServerResponse>> told = new HashMap<>();
            KubernetesMockServer api = new KubernetesMockServer(
                    new Context(), new MockWebServer(), told, new KubernetesMixedDispatcher(told), false);
            api.init();
            return api;
        }

        @Bean
        @Primary
        KubernetesClient clientOfApi(KubernetesMockServer api) {
            try (KubernetesClient client = api.createClient()) {
                return new KubernetesClientBuilder()
                        .withConfig(new ConfigBuilder(client.getConfiguration())
                                // As the controller's own.
                                .withRequestRetryBackoffLimit(0)
                                .build())
                        .build();
            }
        }
    }

    private final EventCodec codec = new EventCodec();
    private final Instant start = Instant.now();

    @Autowired
    private KafkaTemplate<String, byte[]> kafka;

    @Autowired
    private KubernetesMockServer api;

    @Autowired
    private DeletionCosts costs;

    @Autowired
    private MeterRegistry meters;

    @LocalServerPort
    private int port;

    /** Not the controller's: what that asks for is looked at. */
    private KubernetesClient kubernetes;

    @BeforeEach
    void connect(@Autowired KubernetesClient ofController) {
        kubernetes = new KubernetesClientBuilder()
                .withConfig(new ConfigBuilder(ofController.getConfiguration())
                        .withUserAgent("test")
                        .build())
                .build();
    }

    @AfterEach
    void disconnect() {
        kubernetes.pods().delete();
        kubernetes.close();
    }

    private void pod(String name, String component, @Nullable String cost) {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("app.kubernetes.io/component", component)
                .addToAnnotations("kept", "yes")
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        if (cost != null) {
            pod.getMetadata().getAnnotations().put(WorkerPods.DELETION_COST, cost);
        }
        kubernetes.pods().resource(pod).create();
    }

    private Map<String, String> annotations(String pod) {
        return Objects.requireNonNull(kubernetes.pods().withName(pod).get())
                .getMetadata()
                .getAnnotations();
    }

    private @Nullable String cost(String pod) {
        return annotations(pod).get(WorkerPods.DELETION_COST);
    }

    /** What a worker said a number of seconds after the first word. */
    private void says(WorkerHeartbeat heartbeat, int second) {
        ProducerRecord<String, byte[]> encoded = codec.toRecord(
                Topics.WORKERS_HEARTBEAT,
                new EventEnvelope<>(
                        Ids.newEventId(),
                        EventCatalog.typeOf(heartbeat),
                        "/test",
                        heartbeat.workerId(),
                        start,
                        null,
                        null,
                        heartbeat));
        kafka.send(new ProducerRecord<>(
                        encoded.topic(),
                        null,
                        start.plusSeconds(second).toEpochMilli(),
                        encoded.key(),
                        encoded.value(),
                        encoded.headers()))
                .join();
    }

    private void awaitCost(String pod, @Nullable String cost) {
        await().atMost(LONG).untilAsserted(() -> assertThat(cost(pod)).isEqualTo(cost));
    }

    @Test
    void marksTheIdleAndTakesItBackWhenTheyGetAJob() {
        pod("idle", "worker", null);
        pod("busy", "worker", null);
        says(Said.idle("idle", start), 0);
        says(Said.busy("busy", start), 0);
        says(Said.idle("idle", start), 10);
        says(Said.busy("busy", start), 10);

        awaitCost("idle", DeletionCosts.IDLE);
        assertThat(annotations("idle")).containsEntry("kept", "yes");
        assertThat(cost("busy")).isNull();

        says(Said.busy("idle", start), 12);
        awaitCost("idle", null);
        assertThat(annotations("idle")).containsEntry("kept", "yes");
    }

    @Test
    void leavesWhatIsNotItsOwn() {
        pod("protected", "worker", "1000");
        pod("other", "service", null);
        pod("stopping", "worker", DeletionCosts.IDLE);
        pod("last", "worker", null);
        says(Said.by("stopping", "i-1", WorkerState.DRAINING, 0, 1, 0, start), 10);
        for (String name : new String[] {"protected", "other", "last"}) {
            says(Said.idle(name, start), 0);
            says(Said.idle(name, start), 10);
        }

        awaitCost("last", DeletionCosts.IDLE);
        // Whatever is still to be written is written by this.
        costs.apply();
        assertThat(cost("protected")).isEqualTo("1000");
        assertThat(cost("other")).isNull();
        assertThat(cost("stopping")).isEqualTo(DeletionCosts.IDLE);

        says(Said.busy("protected", start), 12);
        says(Said.busy("last", start), 12);
        awaitCost("last", null);
        costs.apply();
        assertThat(cost("protected")).isEqualTo("1000");
    }

    @Test
    void saysThatItIsReadyAndWhatItWrites() {
        pod("counted", "worker", null);
        says(Said.idle("counted", start), 0);
        says(Said.idle("counted", start), 10);
        awaitCost("counted", DeletionCosts.IDLE);

        assertThat(written("written")).isPositive();
        WebTestClient.bindToServer()
                .baseUrl("http://localhost:" + port)
                .build()
                .get()
                .uri("/actuator/health/readiness")
                .exchange()
                .expectStatus()
                .isOk();
    }

    @Test
    void goesOnWithOthersWhenOneIsRefusedOrGone() {
        answer("refused", 403, 1000);
        answer("gone", 404, 1);
        double failed = written("failed");
        for (String name : new String[] {"refused", "gone", "later"}) {
            pod(name, "worker", null);
            says(Said.idle(name, start), 0);
            says(Said.idle(name, start), 10);
        }

        awaitCost("gone", DeletionCosts.IDLE);
        awaitCost("later", DeletionCosts.IDLE);
        assertThat(cost("refused")).isNull();
        assertThat(written("failed")).isGreaterThan(failed);
    }

    @Test
    void triesAgainWhenTheClusterIsInTrouble() {
        answer("troubled", 500, 2);
        double failed = written("failed");
        pod("troubled", "worker", null);
        says(Said.idle("troubled", start), 0);
        says(Said.idle("troubled", start), 10);

        awaitCost("troubled", DeletionCosts.IDLE);
        assertThat(written("failed")).isGreaterThanOrEqualTo(failed + 2);
    }

    private void answer(String pod, int status, int times) {
        api.expect()
                .patch()
                .withPath("/api/v1/namespaces/test/pods/" + pod)
                .andReturn(status, "on purpose")
                .times(times);
    }

    /** As its Role in the manifests says: list, watch and patch pods. */
    @Test
    void asksForNothingThatItsRoleDoesNotAllow() throws InterruptedException {
        pod("asked-for", "worker", null);
        says(Said.idle("asked-for", start), 0);
        says(Said.idle("asked-for", start), 10);
        awaitCost("asked-for", DeletionCosts.IDLE);

        Set<String> requests = new TreeSet<>();
        for (RecordedRequest each = next(); each != null; each = next()) {
            if (!"test".equals(each.getHeader("User-Agent"))) {
                requests.add(each.getMethod() + " "
                        + each.getPath()
                                .replaceFirst("\\?.*watch=true.*", " watch")
                                .replaceFirst("\\?.*", " list")
                                .replaceFirst("/pods/.*", "/pods/*"));
            }
        }
        String pods = "/api/v1/namespaces/test/pods";
        assertThat(requests)
                .contains("PATCH " + pods + "/*")
                .isSubsetOf("GET " + pods + " list", "GET " + pods + " watch", "PATCH " + pods + "/*");
    }

    private @Nullable RecordedRequest next() throws InterruptedException {
        return api.takeRequest(1, TimeUnit.SECONDS);
    }

    private double written(String outcome) {
        return meters.counter("comfy.deletion.cost", "worker", "idle", "outcome", outcome)
                .count();
    }
}
