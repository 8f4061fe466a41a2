package dev.comfygateway.scaledown;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** The pods of the workers in the controller's own namespace, followed by a watch. Thread safe. */
@Component
class WorkerPods implements SmartLifecycle {

    /** Lower is stopped first; without it a pod has 0. Kubernetes calls it best effort. */
    static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";

    private static final String COMPONENT = "app.kubernetes.io/component";

    private final KubernetesClient kubernetes;
    private final Map<String, Written> written = new ConcurrentHashMap<>();
    private volatile @Nullable SharedIndexInformer<Pod> informer;

    WorkerPods(KubernetesClient kubernetes) {
        this.kubernetes = kubernetes;
    }

    /** What a write made of a pod, until the watch tells of something newer than what was written upon. */
    private record Written(String uponVersion, Pod pod) {}

    /** A pod that is not being stopped; its name is also the id of its worker. */
    record WorkerPod(Pod pod) {

        String name() {
            return pod.getMetadata().getName();
        }

        /** Its deletion cost, or null when it has none. */
        @Nullable
        String cost() {
            Map<String, String> annotations = pod.getMetadata().getAnnotations();
            return annotations == null ? null : annotations.get(DELETION_COST);
        }
    }

    @Override
    public void start() {
        SharedIndexInformer<Pod> started = kubernetes
                .pods()
                .withLabel(COMPONENT, "worker")
                .runnableInformer(0)
                // Also at the first time: the API may be away. The client says so itself.
                .exceptionHandler((running, error) -> true);
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

    /** Whether all pods are known, and changes are heard of. A connection that died silently is noticed minutes later. */
    boolean areWatched() {
        SharedIndexInformer<Pod> current = informer;
        return current != null && current.hasSynced() && current.isWatching();
    }

    /** The pods as they were last heard of or written. */
    List<WorkerPod> list() {
        List<Pod> heard = heard();
        written.keySet().retainAll(heard.stream().map(WorkerPods::name).toList());
        return heard.stream()
                .map(this::newest)
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .map(WorkerPod::new)
                .toList();
    }

    /** What the watch has told so far. */
    List<Pod> heard() {
        SharedIndexInformer<Pod> current = informer;
        return current == null ? List.of() : current.getStore().list();
    }

    private Pod newest(Pod heard) {
        Written own = written.get(name(heard));
        if (own != null && own.uponVersion().equals(version(heard))) {
            return own.pod();
        }
        written.remove(name(heard));
        return heard;
    }

    /**
     * Sets a pod's deletion cost, or takes it away, if the pod is still as it was heard of; blocks until the API has
     * answered.
     *
     * @throws KubernetesClientException when it refuses or cannot be reached; its code is 409 when the pod has changed, and
     *     404 when it is gone
     */
    void setCost(WorkerPod pod, @Nullable String cost) {
        Map<String, @Nullable String> annotations = new HashMap<>();
        annotations.put(DELETION_COST, cost);
        Map<String, Object> metadata = Map.of("resourceVersion", version(pod.pod()), "annotations", annotations);
        Pod patched = kubernetes
                .pods()
                .resource(pod.pod())
                .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(Map.of("metadata", metadata)));
        // Written twice before the watch tells of the first time, it is still upon what was heard before both.
        written.compute(
                pod.name(), (name, own) -> new Written(own == null ? version(pod.pod()) : own.uponVersion(), patched));
    }

    private static String name(Pod pod) {
        return pod.getMetadata().getName();
    }

    private static String version(Pod pod) {
        return pod.getMetadata().getResourceVersion();
    }
}
