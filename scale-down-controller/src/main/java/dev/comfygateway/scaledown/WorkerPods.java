package dev.comfygateway.scaledown;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The pods of the workers in the controller's own namespace, followed by a watch. Thread safe. */
@Component
class WorkerPods implements SmartLifecycle {

    /** Lower is stopped first; without it a pod has 0. Kubernetes calls it best effort. */
    static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private static final Logger log = LoggerFactory.getLogger(WorkerPods.class);
    private static final String COMPONENT = "app.kubernetes.io/component";

    private final KubernetesClient kubernetes;
    private volatile @Nullable SharedIndexInformer<Pod> informer;

    WorkerPods(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /**
     * A pod that is not being stopped.
     *
     * @param name also the id of its worker
     * @param cost its deletion cost, or null when it has none
     */
    record WorkerPod(String name, @Nullable String cost) {}

    @Override
    public void start() {
        SharedIndexInformer<Pod> started = kubernetes
                .pods()
                .withLabel(COMPONENT, "worker")
                .runnableInformer(0)
                .exceptionHandler((running, error) -> {
                    log.warn("The workers' pods cannot be watched, trying again: {}", String.valueOf(error));
                    return true;
                });
        informer = started;
        var _ = started.start();
    }

    @Override
    public void stop() {
        SharedIndexInformer<Pod> current = informer;
        informer = null;
        if (current != null) {
            current.stop();
        }
    }

    @Override
    public boolean isRunning() {
        return informer != null;
    }

    /** Whether all pods are known, and changes are heard of. */
    boolean areWatched() {
        SharedIndexInformer<Pod> current = informer;
        return current != null && current.hasSynced() && current.isWatching();
    }

    /** The pods as they were last heard of. */
    List<WorkerPod> list() {
        SharedIndexInformer<Pod> current = informer;
        if (current == null) {
            return List.of();
        }
        return current.getStore().list().stream()
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map(pod -> new WorkerPod(pod.getMetadata().getName(), cost(pod)))
                .toList();
    }

    private static @Nullable String cost(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? null : annotations.get(DELETION_COST);
    }

    /**
     * Sets a pod's deletion cost, or takes it away; blocks until the API has answered.
     *
     * @return false when there is no such pod any more
     * @throws KubernetesClientException when it refuses or cannot be reached
     */
    boolean setCost(String pod, @Nullable String cost) {
        String value = cost == null ? "null" : '"' + cost + '"';
        String patch = "{\"metadata\":{\"annotations\":{\"" + DELETION_COST + "\":" + value + "}}}";
        try {
            return kubernetes.pods().withName(pod).patch(PatchContext.of(PatchType.JSON_MERGE), patch) != null;
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }
}
