package dev.comfygateway.scaledown;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.worker.WorkerHeartbeat;
import dev.comfygateway.testing.SetClock;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.health.contributor.Status;

/** One round after another, with pods that are only pretended. */
class DeletionCostsTests {

    private static final Duration IDLE_AFTER = Duration.ofSeconds(30);

    private final SetClock clock = new SetClock();
    private final Workers workers =
            new Workers(new ScaleDownProperties(Duration.ofSeconds(5), IDLE_AFTER, Duration.ofHours(1)), clock);
    private final KubernetesClient nowhere =
            new KubernetesClientBuilder().withConfig(Config.empty()).build();
    private final PretendedPods pods = new PretendedPods(nowhere);
    private boolean heartbeatsRead = true;
    private final DeletionCosts costs =
            new DeletionCosts(workers, pods, () -> heartbeatsRead, new SimpleMeterRegistry());

    /** Keeps costs and the order of writes; refuses those of some pods. */
    private static final class PretendedPods extends WorkerPods {
        private final Map<String, Pod> byName = new HashMap<>();
        private final Map<String, Integer> refused = new HashMap<>();
        private final List<String> tried = new ArrayList<>();
        private boolean watched = true;
        private Runnable onWrite = () -> {};

        PretendedPods(KubernetesClient kubernetes) {
            super(kubernetes);
        }

        void add(String name, @Nullable String cost) {
            byName.put(
                    name,
                    new PodBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .withAnnotations(cost == null ? Map.of() : Map.of(DELETION_COST, cost))
                            .endMetadata()
                            .build());
        }

        @Override
        boolean areWatched() {
            return watched;
        }

        @Override
        List<WorkerPod> list() {
            return byName.values().stream().map(WorkerPod::new).toList();
        }

        @Override
        void setCost(WorkerPod pod, @Nullable String cost) {
            tried.add(pod.name());
            Integer status = refused.get(pod.name());
            if (status != null) {
                throw new KubernetesClientException("on purpose", status, null);
            }
            add(pod.name(), cost);
            onWrite.run();
        }

        List<String> marked() {
            return list().stream()
                    .filter(pod -> DeletionCosts.IDLE.equals(pod.cost()))
                    .map(WorkerPod::name)
                    .toList();
        }
    }

    @AfterEach
    void close() {
        nowhere.close();
    }

    private void heard(WorkerHeartbeat heartbeat) {
        workers.heard(heartbeat, clock.instant());
    }

    private List<String> idle(int count) {
        List<String> names =
                IntStream.range(0, count).mapToObj(i -> "idle-" + i).toList();
        names.forEach(name -> {
            pods.add(name, null);
            heard(Said.idle(name, clock.instant()));
        });
        clock.forward(IDLE_AFTER);
        names.forEach(name -> heard(Said.idle(name, clock.instant())));
        return names;
    }

    @Test
    void writesNothingAndIsNotReadyUntilItKnowsWorkersAndPods() {
        idle(1);
        heartbeatsRead = false;
        costs.apply();
        assertThat(costs.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);

        heartbeatsRead = true;
        pods.watched = false;
        costs.apply();
        assertThat(costs.health().getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
        assertThat(pods.tried).isEmpty();

        pods.watched = true;
        costs.apply();
        assertThat(costs.health().getStatus()).isEqualTo(Status.UP);
        assertThat(pods.tried).hasSize(1);
    }

    @Test
    void writesTheBusyFirstAndOnlySoManyInARound() {
        List<String> idle = idle(DeletionCosts.MOST);
        pods.add("busy-1", DeletionCosts.IDLE);
        pods.add("busy-2", DeletionCosts.IDLE);
        heard(Said.busy("busy-1", clock.instant()));
        heard(Said.busy("busy-2", clock.instant()));

        costs.apply();
        assertThat(pods.tried).hasSize(DeletionCosts.MOST);
        assertThat(pods.tried.subList(0, 2)).containsExactlyInAnyOrder("busy-1", "busy-2");

        costs.apply();
        assertThat(pods.marked()).containsExactlyInAnyOrderElementsOf(idle);
        assertThat(pods.tried).hasSize(DeletionCosts.MOST + 2);
    }

    @Test
    void doesNotMarkWhatGetsAJobWhileItWritesOthers() {
        List<String> idle = idle(2);
        pods.onWrite = () -> idle.forEach(name -> heard(Said.busy(name, clock.instant())));

        costs.apply();
        assertThat(pods.tried).hasSize(1);
        costs.apply();
        assertThat(pods.marked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 409})
    void goesOnWhenPodsAreNotAsTheyWere(int status) {
        List<String> idle = idle(5);
        idle.subList(0, 4).forEach(name -> pods.refused.put(name, status));

        costs.apply();
        assertThat(pods.tried).containsExactlyInAnyOrderElementsOf(idle);
        assertThat(pods.marked()).containsExactly(idle.getLast());
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 422, 500})
    void goesOnWhenOnePodIsRefused(int status) {
        List<String> idle = idle(5);
        pods.refused.put("busy", status);
        pods.add("busy", DeletionCosts.IDLE);
        heard(Said.busy("busy", clock.instant()));

        costs.apply();
        assertThat(pods.tried.getFirst()).isEqualTo("busy");
        assertThat(pods.marked()).containsAll(idle);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 401, 403, 429, 503})
    void endsTheRoundWhenEverythingIsRefused(int status) {
        idle(9).forEach(name -> pods.refused.put(name, status));

        costs.apply();
        assertThat(pods.tried).hasSize(3);
    }
}
