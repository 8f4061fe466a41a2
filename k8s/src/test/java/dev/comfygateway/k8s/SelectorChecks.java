package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that selects pods finds some, and everything is where it belongs. */
final class SelectorChecks {

    private final List<Map<String, String>> pods;
    private final List<String> findings = new ArrayList<>();

    private SelectorChecks(Manifests manifests) {
        this.pods = manifests.podLabels();
    }

    static List<String> findings(Manifests manifests) {
        SelectorChecks checks = new SelectorChecks(manifests);
        manifests.workloads().forEach(checks::own);
        manifests
                .all(Service.class)
                .forEach(service -> checks.finds(
                        "Service " + service.getMetadata().getName(),
                        pod -> Selectors.matches(service.getSpec().getSelector(), pod)));
        manifests
                .all(PodDisruptionBudget.class)
                .forEach(budget -> checks.finds(
                        "PodDisruptionBudget " + budget.getMetadata().getName(),
                        budget.getSpec().getSelector()));
        manifests.all(NetworkPolicy.class).forEach(checks::policy);
        manifests.all(Kafka.class).forEach(checks::listeners);
        manifests.all(KafkaNodePool.class).forEach(pool -> checks.nodePool(manifests, pool));
        checks.budgets(manifests);
        checks.places(manifests);
        return checks.findings;
    }

    private void finds(String where, Predicate<Map<String, String>> selects) {
        if (pods.stream().noneMatch(selects)) {
            findings.add(where + ": selects no pod");
        }
    }

    private void finds(String where, @Nullable LabelSelector selector) {
        finds(where, pod -> Selectors.matches(selector, pod));
    }

    private void own(Workload workload) {
        if (!workload.kind().equals("Job") && !Selectors.matches(workload.selector(), workload.labels())) {
            findings.add(workload.title() + ": does not select its own pods");
        }
    }

    private void policy(NetworkPolicy policy) {
        String where = "NetworkPolicy " + policy.getMetadata().getName();
        finds(where, policy.getSpec().getPodSelector());
        boolean incoming = policy.getSpec().getPolicyTypes().contains("Ingress");
        boolean outgoing = policy.getSpec().getPolicyTypes().contains("Egress");
        if ((!incoming && !policy.getSpec().getIngress().isEmpty())
                || (!outgoing && !policy.getSpec().getEgress().isEmpty())) {
            findings.add(where + ": has rules that its types leave out");
        }
        Stream.concat(
                        policy.getSpec().getIngress().stream().map(NetworkPolicyIngressRule::getFrom),
                        policy.getSpec().getEgress().stream().map(NetworkPolicyEgressRule::getTo))
                .flatMap(List::stream)
                .forEach(peer -> peer(where, peer));
    }

    private void peer(String where, NetworkPolicyPeer peer) {
        if (peer.getNamespaceSelector() == null && peer.getPodSelector() != null) {
            finds(where + ", a peer", peer.getPodSelector());
        }
    }

    private void listeners(Kafka kafka) {
        kafka.getSpec().getKafka().getListeners().forEach(listener -> {
            String where = "Kafka " + kafka.getMetadata().getName() + ", listener " + listener.getName();
            if (listener.getNetworkPolicyPeers() == null
                    || listener.getNetworkPolicyPeers().isEmpty()) {
                findings.add(where + ": lets everybody in");
            } else {
                listener.getNetworkPolicyPeers().forEach(peer -> peer(where, peer));
            }
        });
    }

    private void nodePool(Manifests manifests, KafkaNodePool pool) {
        String cluster = pool.getMetadata().getLabels().get("strimzi.io/cluster");
        if (manifests.all(Kafka.class).stream()
                .noneMatch(kafka -> kafka.getMetadata().getName().equals(cluster))) {
            findings.add("KafkaNodePool " + pool.getMetadata().getName() + ": belongs to no Kafka");
        }
    }

    /** What is drained has a budget: services and workers. */
    private void budgets(Manifests manifests) {
        for (Workload workload : manifests.workloads()) {
            boolean covered = manifests.all(PodDisruptionBudget.class).stream()
                    .anyMatch(budget -> Selectors.matches(budget.getSpec().getSelector(), workload.labels()));
            if (workload.kind().equals("Deployment") && !covered) {
                findings.add(workload.title() + ": no disruption budget");
            }
        }
    }

    private void places(Manifests manifests) {
        for (Map<String, Object> document : manifests.documents()) {
            Object metadata = document.get("metadata");
            Object namespace = metadata instanceof Map<?, ?> map ? map.get("namespace") : null;
            if (!"Namespace".equals(document.get("kind")) && !Manifests.NAMESPACE.equals(namespace)) {
                findings.add(document.get("kind") + " " + StrictReader.name(document) + ": not in the namespace");
            }
        }
        for (HasMetadata namespace : manifests.all(Namespace.class)) {
            if (!"restricted".equals(namespace.getMetadata().getLabels().get("pod-security.kubernetes.io/enforce"))) {
                findings.add("Namespace " + namespace.getMetadata().getName() + ": lets in pods with more rights");
            }
        }
    }
}
