package dev.comfygateway.k8s;

import dev.comfygateway.k8s.StrictReader.UnreadableException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.strimzi.api.kafka.model.kafka.Kafka;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A rendered overlay.
 *
 * @param documents as rendered
 * @param objects those that could be read
 * @param unreadable what is wrong with the others
 */
record Manifests(List<Map<String, Object>> documents, List<Object> objects, List<String> unreadable) {

    static final String NAMESPACE = "comfyui-gateway";

    static Manifests of(List<Map<String, Object>> documents) {
        List<Object> objects = new ArrayList<>();
        List<String> unreadable = new ArrayList<>();
        for (Map<String, Object> document : documents) {
            try {
                objects.add(StrictReader.read(document));
            } catch (UnreadableException e) {
                unreadable.add(Objects.requireNonNull(e.getMessage()));
            }
        }
        return new Manifests(documents, objects, unreadable);
    }

    <T> List<T> all(Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<Workload> workloads() {
        return objects.stream().flatMap(object -> workload(object).stream()).toList();
    }

    private static Optional<Workload> workload(Object object) {
        return switch (object) {
            case Deployment deployment ->
                Optional.of(new Workload(
                        "Deployment",
                        deployment.getMetadata().getName(),
                        deployment.getSpec().getSelector(),
                        deployment.getSpec().getReplicas(),
                        List.of(),
                        deployment.getSpec().getTemplate()));
            case StatefulSet set ->
                Optional.of(new Workload(
                        "StatefulSet",
                        set.getMetadata().getName(),
                        set.getSpec().getSelector(),
                        set.getSpec().getReplicas(),
                        set.getSpec().getVolumeClaimTemplates().stream()
                                .map(PersistentVolumeClaim::getMetadata)
                                .map(metadata -> metadata.getName())
                                .toList(),
                        set.getSpec().getTemplate()));
            case Job job ->
                Optional.of(new Workload(
                        "Job",
                        job.getMetadata().getName(),
                        null,
                        null,
                        List.of(),
                        job.getSpec().getTemplate()));
            default -> Optional.empty();
        };
    }

    List<Workload> workers() {
        return workloads().stream().filter(Workload::isWorker).toList();
    }

    Optional<Service> service(String name) {
        return all(Service.class).stream()
                .filter(service -> service.getMetadata().getName().equals(name))
                .findFirst();
    }

    /** The settings; their name ends in a hash. */
    Map<String, String> settings() {
        return all(ConfigMap.class).stream()
                .filter(map -> map.getMetadata().getName().startsWith("comfyui-gateway"))
                .map(ConfigMap::getData)
                .findFirst()
                .orElse(Map.of());
    }

    List<String> pools() {
        return List.of(settings().getOrDefault("JOB_POOLS", "").split(",", -1));
    }

    /** Labels of every pod that there will be, also of those that operators make of their resources. */
    List<Map<String, String>> podLabels() {
        List<Map<String, String>> labels = new ArrayList<>();
        workloads().forEach(workload -> labels.add(workload.labels()));
        all(Kafka.class).forEach(kafka -> labels.add(ofBroker(kafka)));
        all(DatabaseCluster.class).forEach(cluster -> labels.add(ofInstance(cluster)));
        return labels;
    }

    /** What Strimzi puts on brokers. */
    static Map<String, String> ofBroker(Kafka kafka) {
        String name = kafka.getMetadata().getName();
        return Map.of(
                "strimzi.io/cluster",
                name,
                "strimzi.io/kind",
                "Kafka",
                "strimzi.io/name",
                name + "-kafka",
                "strimzi.io/component-type",
                "kafka",
                "app.kubernetes.io/name",
                "kafka",
                "app.kubernetes.io/instance",
                name,
                "app.kubernetes.io/part-of",
                "strimzi-" + name,
                "app.kubernetes.io/managed-by",
                "strimzi-cluster-operator");
    }

    /** What CloudNativePG puts on instances. */
    static Map<String, String> ofInstance(DatabaseCluster cluster) {
        String name = cluster.metadata().getName();
        return Map.of(
                "cnpg.io/cluster", name,
                "cnpg.io/podRole", "instance",
                "app.kubernetes.io/name", "postgresql",
                "app.kubernetes.io/instance", name,
                "app.kubernetes.io/component", "database",
                "app.kubernetes.io/managed-by", "cloudnative-pg");
    }
}
