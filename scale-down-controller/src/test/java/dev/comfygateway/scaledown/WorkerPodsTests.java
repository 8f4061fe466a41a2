package dev.comfygateway.scaledown;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.comfygateway.scaledown.WorkerPods.WorkerPod;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Writes, against a stand-in for the cluster's API that counts versions, while the watch tells of nothing by itself. */
@EnableKubernetesMockClient(crud = true)
class WorkerPodsTests {

    /** Set by the extension. */
    @SuppressWarnings("NullAway.Init")
    private KubernetesClient kubernetes;

    private LatePods pods;

    private static final class LatePods extends WorkerPods {
        private List<Pod> heard = List.of();

        LatePods(KubernetesClient kubernetes) {
            super(kubernetes);
        }

        @Override
        List<Pod> heard() {
            return heard;
        }
    }

    @BeforeEach
    void begin() {
        pods = new LatePods(kubernetes);
        kubernetes
                .pods()
                .resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("p")
                        .addToAnnotations("kept", "yes")
                        .endMetadata()
                        .withNewSpec()
                        .endSpec()
                        .build())
                .create();
        hear();
    }

    private void hear() {
        pods.heard = kubernetes.pods().list().getItems();
    }

    private WorkerPod pod() {
        return pods.list().getFirst();
    }

    private void write(@Nullable String cost) {
        pods.setCost(pod(), cost);
    }

    private @Nullable String stored() {
        return new WorkerPod(kubernetes.pods().withName("p").get()).cost();
    }

    private void somebodyElseWrites(String cost) {
        kubernetes
                .pods()
                .withName("p")
                .edit(pod -> new PodBuilder(pod)
                        .editMetadata()
                        .addToAnnotations(WorkerPods.DELETION_COST, cost)
                        .endMetadata()
                        .build());
    }

    @Test
    void writesUponItsOwnWriteBeforeTheWatchTellsOfIt() {
        write("-100");
        assertThat(pod().cost()).isEqualTo("-100");
        assertThat(stored()).isEqualTo("-100");

        write(null);
        assertThat(pod().cost()).isNull();
        assertThat(stored()).isNull();

        write("-100");
        assertThat(stored()).isEqualTo("-100");
        assertThat(pod().pod().getMetadata().getAnnotations()).containsEntry("kept", "yes");
    }

    @Test
    void writesNothingUponWhatSomebodyElseHasChanged() {
        somebodyElseWrites("1000");

        assertThat(catchThrowableOfType(KubernetesClientException.class, () -> write("-100"))
                        .getCode())
                .isEqualTo(409);
        assertThat(stored()).isEqualTo("1000");
    }

    @Test
    void believesTheWatchOnceItTellsOfSomethingElse() {
        write("-100");
        somebodyElseWrites("1000");
        assertThat(pod().cost()).isEqualTo("-100");

        hear();
        assertThat(pod().cost()).isEqualTo("1000");
    }

    @Test
    void forgetsItsWritesOfPodsThatAreGone() {
        write("-100");
        List<Pod> before = pods.heard;
        pods.heard = List.of();
        assertThat(pods.list()).isEmpty();

        pods.heard = before;
        assertThat(pod().cost()).isNull();
    }
}
