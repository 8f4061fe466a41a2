package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What makes pods.
 *
 * @param kind Deployment, StatefulSet or Job
 * @param selector by which it finds its pods; null for a Job
 * @param replicas null where somebody else decides
 * @param claims names of the volumes that it makes for each pod
 */
record Workload(
        String kind,
        String name,
        @Nullable LabelSelector selector,
        @Nullable Integer replicas,
        List<String> claims,
        PodTemplateSpec template) {

    /** The prefix of the images of this project. */
    static final String OURS = "comfyui-gateway/";

    private static final String POOL = "comfygateway.dev/pool";

    String title() {
        return kind + " " + name;
    }

    PodSpec pod() {
        return template.getSpec();
    }

    Map<String, String> labels() {
        return template.getMetadata().getLabels();
    }

    String app() {
        return labels().getOrDefault("app.kubernetes.io/name", "");
    }

    boolean isWorker() {
        return "worker".equals(labels().get("app.kubernetes.io/component"));
    }

    String pool() {
        return labels().getOrDefault(POOL, "");
    }

    /** Containers that run as long as the pod does: its own and its sidecars. */
    List<Container> lasting() {
        return Stream.concat(
                        pod().getContainers().stream(),
                        pod().getInitContainers().stream().filter(Workload::isSidecar))
                .toList();
    }

    List<Container> all() {
        return Stream.concat(pod().getContainers().stream(), pod().getInitContainers().stream())
                .toList();
    }

    Optional<Container> container(String name) {
        return all().stream()
                .filter(container -> container.getName().equals(name))
                .findFirst();
    }

    static boolean isSidecar(Container container) {
        return "Always".equals(container.getRestartPolicy());
    }

    /** The image without its registry's project and its tag: the module that it is built from. */
    static String module(Container container) {
        String image = container.getImage();
        String name = image.substring(
                0,
                Math.max(image.indexOf('@'), image.lastIndexOf(':')) < 0
                        ? image.length()
                        : image.contains("@") ? image.indexOf('@') : image.lastIndexOf(':'));
        return name.startsWith(OURS) ? name.substring(OURS.length()) : "";
    }

    static Optional<String> value(Container container, String variable) {
        return container.getEnv().stream()
                .filter(env -> env.getName().equals(variable))
                .map(EnvVar::getValue)
                .filter(value -> value != null)
                .findFirst();
    }
}
