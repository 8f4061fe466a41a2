package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.kafka.listener.GenericKafkaListener;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who reaches whom under the policies of a rendered overlay, decided as Kubernetes documents it: a pod that no policy of
 * a direction selects is open in that direction; else one rule of one of them must allow the connection; and both ends
 * must agree.
 */
final class NetworkRules {

    /**
     * One end of a connection.
     *
     * @param namespace of a pod, or empty for an address outside
     * @param labels of the pod
     * @param address of what is outside, or empty
     */
    record End(String name, String namespace, Map<String, String> labels, String address) {

        static End pod(String name, String namespace, Map<String, String> labels) {
            return new End(name, namespace, labels, "");
        }

        static End outside(String address) {
            return new End(address, "", Map.of(), address);
        }

        boolean isPod() {
            return address.isEmpty();
        }
    }

    private final List<NetworkPolicy> policies = new ArrayList<>();

    NetworkRules(Manifests manifests) {
        policies.addAll(manifests.all(NetworkPolicy.class));
        manifests.all(Kafka.class).forEach(kafka -> policies.add(ofStrimzi(kafka)));
    }

    /** What Strimzi makes of the listeners. */
    private static NetworkPolicy ofStrimzi(Kafka kafka) {
        List<NetworkPolicyIngressRule> rules = new ArrayList<>();
        for (GenericKafkaListener listener : kafka.getSpec().getKafka().getListeners()) {
            NetworkPolicyIngressRule rule = new NetworkPolicyIngressRule();
            rule.setFrom(Objects.requireNonNullElse(listener.getNetworkPolicyPeers(), List.of()));
            NetworkPolicyPort port = new NetworkPolicyPort();
            port.setPort(new IntOrString(listener.getPort()));
            rule.setPorts(List.of(port));
            rules.add(rule);
        }
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withName(kafka.getMetadata().getName() + "-network-policy-kafka")
                .endMetadata()
                .withNewSpec()
                .withNewPodSelector()
                .addToMatchLabels("strimzi.io/cluster", kafka.getMetadata().getName())
                .endPodSelector()
                .withPolicyTypes("Ingress")
                .withIngress(rules)
                .endSpec()
                .build();
    }

    /** Whether {@code from} may open a connection to a port of {@code to}. */
    boolean allows(End from, End to, String protocol, int port) {
        return leaves(from, to, protocol, port) && enters(from, to, protocol, port);
    }

    private boolean leaves(End from, End to, String protocol, int port) {
        List<NetworkPolicy> selecting = selecting(from, "Egress");
        return selecting.isEmpty()
                || selecting.stream()
                        .flatMap(policy -> policy.getSpec().getEgress().stream())
                        .anyMatch(rule -> allows(rule, from, to, protocol, port));
    }

    private static boolean allows(NetworkPolicyEgressRule rule, End from, End to, String protocol, int port) {
        return ports(rule.getPorts(), protocol, port) && peers(rule.getTo(), from.namespace(), to);
    }

    private boolean enters(End from, End to, String protocol, int port) {
        List<NetworkPolicy> selecting = selecting(to, "Ingress");
        return selecting.isEmpty()
                || selecting.stream()
                        .flatMap(policy -> policy.getSpec().getIngress().stream())
                        .anyMatch(rule -> allows(rule, from, to, protocol, port));
    }

    private static boolean allows(NetworkPolicyIngressRule rule, End from, End to, String protocol, int port) {
        return ports(rule.getPorts(), protocol, port) && peers(rule.getFrom(), to.namespace(), from);
    }

    private List<NetworkPolicy> selecting(End end, String type) {
        if (!end.isPod() || !end.namespace().equals(Manifests.NAMESPACE)) {
            return List.of();
        }
        return policies.stream()
                .filter(policy -> policy.getSpec().getPolicyTypes().contains(type))
                .filter(policy -> Selectors.matches(policy.getSpec().getPodSelector(), end.labels()))
                .toList();
    }

    private static boolean ports(@Nullable List<NetworkPolicyPort> ports, String protocol, int port) {
        return ports == null
                || ports.isEmpty()
                || ports.stream().anyMatch(allowed -> {
                    int first = allowed.getPort().getIntVal();
                    int last = allowed.getEndPort() == null ? first : allowed.getEndPort();
                    String spoken = Objects.requireNonNullElse(allowed.getProtocol(), "TCP");
                    return spoken.equals(protocol) && first <= port && port <= last;
                });
    }

    /** No peers at all are everybody. */
    private static boolean peers(@Nullable List<NetworkPolicyPeer> peers, String home, End other) {
        return peers == null || peers.isEmpty() || peers.stream().anyMatch(peer -> peer(peer, home, other));
    }

    private static boolean peer(NetworkPolicyPeer peer, String home, End other) {
        if (peer.getIpBlock() != null) {
            return !other.isPod() && within(peer.getIpBlock(), other.address());
        }
        boolean namespace = peer.getNamespaceSelector() == null
                ? other.namespace().equals(home)
                : Selectors.matches(
                        peer.getNamespaceSelector(), Map.of("kubernetes.io/metadata.name", other.namespace()));
        boolean pod = peer.getPodSelector() == null || Selectors.matches(peer.getPodSelector(), other.labels());
        return other.isPod() && namespace && pod;
    }

    private static boolean within(IPBlock block, String address) {
        return within(block.getCidr(), address)
                && Stream.ofNullable(block.getExcept())
                        .flatMap(List::stream)
                        .noneMatch(except -> within(except, address));
    }

    private static boolean within(String cidr, String address) {
        String network = cidr.substring(0, cidr.indexOf('/'));
        byte[] base = InetAddress.ofLiteral(network).getAddress();
        byte[] asked = InetAddress.ofLiteral(address).getAddress();
        int drop = base.length * 8 - Integer.parseInt(cidr.substring(cidr.indexOf('/') + 1));
        return base.length == asked.length
                && new BigInteger(1, base).shiftRight(drop).equals(new BigInteger(1, asked).shiftRight(drop));
    }
}
