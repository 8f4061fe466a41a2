package dev.comfygateway.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.k8s.NetworkRules.End;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.strimzi.api.kafka.model.kafka.Kafka;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Nobody reaches more than he needs: the whole table of who may connect to whom, for both overlays. */
class NetworkRulesTests {

    private static final String PUBLIC = "93.184.215.14";
    private static final String PUBLIC_6 = "2606:4700::6810:85e5";

    /** Every pod of the project that runs or sets up, in either overlay, by the name of its app. */
    private static final String COMMON = """
            cluster-dns 53 <- gateway-service job-service migrate-job-service migrate-storage-service \
            migrate-webhook-service scale-down-controller storage-service topics webhook-service comfy-worker-service
            gateway-service 8080 <- anybody
            job-service 8081 <- gateway-service comfy-worker-service keda monitoring
            storage-service 8082 <- gateway-service job-service webhook-service comfy-worker-service monitoring
            webhook-service 8083 <- gateway-service monitoring
            comfy-worker-service 8084 <- monitoring
            comfy-worker-service 8188 <-
            scale-down-controller 8085 <- monitoring
            """;

    @Test
    void developmentLetsThroughWhatIsNeededAndNothingElse() {
        assertThat(flows(Kustomize.render(Checkout.overlay("dev")))).isEqualTo(table(COMMON + """
                cluster-dns 53 <- bucket kafka postgresql s3
                kafka 9092 <- gateway-service job-service storage-service webhook-service scale-down-controller \
                comfy-worker-service topics kafka
                postgresql 5432 <- job-service storage-service webhook-service migrate-job-service \
                migrate-storage-service migrate-webhook-service
                s3 9000 <- storage-service comfy-worker-service bucket
                93.184.215.14 443 <- scale-down-controller webhook-service
                93.184.215.14 8443 <- webhook-service
                2606:4700::6810:85e5 443 <- scale-down-controller webhook-service
                10.1.2.3 443 <- scale-down-controller
                10.1.2.3 6443 <- scale-down-controller
                10.1.2.3 8443 <-
                169.254.169.254 80 <-
                fd00::1 443 <- scale-down-controller
                """));
    }

    @Test
    void productionLetsThroughWhatIsNeededAndNothingElse() {
        assertThat(flows(Kustomize.render(Checkout.overlay("prod")))).isEqualTo(table(COMMON + """
                kafka 9092 <- gateway-service job-service storage-service webhook-service scale-down-controller \
                comfy-worker-service topics
                postgresql 5432 <- job-service storage-service webhook-service migrate-job-service \
                migrate-storage-service migrate-webhook-service postgresql cnpg-operator
                postgresql 8000 <- postgresql cnpg-operator
                postgresql 9187 <- monitoring
                93.184.215.14 443 <- scale-down-controller webhook-service storage-service comfy-worker-service
                93.184.215.14 8443 <- webhook-service
                2606:4700::6810:85e5 443 <- scale-down-controller webhook-service storage-service comfy-worker-service
                10.1.2.3 443 <- scale-down-controller
                10.1.2.3 6443 <- scale-down-controller
                10.1.2.3 8443 <-
                169.254.169.254 80 <-
                fd00::1 443 <- scale-down-controller
                """));
    }

    @Test
    void aHoleShows() {
        List<Map<String, Object>> documents = Kustomize.render(Checkout.overlay("prod"));
        Tree.remove(Tree.find(documents, "NetworkPolicy", "webhook-service"), "spec/egress/1/to/0/ipBlock/except/1");
        documents.remove(Tree.find(documents, "NetworkPolicy", "database"));

        assertThat(flows(documents))
                .containsEntry("10.1.2.3 8443", new TreeSet<>(List.of("webhook-service")))
                .containsEntry("postgresql 5432", new TreeSet<>(List.of("anybody")));
    }

    private static Map<String, NavigableSet<String>> flows(List<Map<String, Object>> documents) {
        Manifests manifests = Manifests.of(documents);
        NetworkRules rules = new NetworkRules(manifests);
        Map<String, NavigableSet<String>> flows = new LinkedHashMap<>();
        List<End> inside = own(manifests);
        inside.addAll(operated(manifests));
        for (End target : inside) {
            List<End> callers = new ArrayList<>(inside);
            callers.addAll(strangers());
            record(flows, rules, callers, target, ports(manifests, target));
        }
        // Where the operators' pods may go is theirs to say, and what strangers do outside is not our concern.
        for (End target : outside()) {
            record(flows, rules, own(manifests), target, ports(manifests, target));
        }
        flows.values().stream().filter(callers -> callers.contains("stranger")).forEach(callers -> {
            callers.clear();
            callers.add("anybody");
        });
        return flows;
    }

    private static void record(
            Map<String, NavigableSet<String>> flows,
            NetworkRules rules,
            List<End> callers,
            End target,
            List<Integer> ports) {
        for (int port : ports) {
            NavigableSet<String> allowed = flows.computeIfAbsent(target.name() + " " + port, key -> new TreeSet<>());
            callers.stream()
                    .filter(caller -> rules.allows(caller, target, port == 53 ? "UDP" : "TCP", port))
                    .map(End::name)
                    .forEach(allowed::add);
        }
    }

    private static List<End> own(Manifests manifests) {
        return new ArrayList<>(manifests.workloads().stream()
                .map(workload -> End.pod(workload.app(), Manifests.NAMESPACE, workload.labels()))
                .toList());
    }

    private static List<End> operated(Manifests manifests) {
        List<End> pods = new ArrayList<>();
        manifests
                .all(Kafka.class)
                .forEach(kafka -> pods.add(End.pod("kafka", Manifests.NAMESPACE, Manifests.ofBroker(kafka))));
        manifests
                .all(DatabaseCluster.class)
                .forEach(
                        cluster -> pods.add(End.pod("postgresql", Manifests.NAMESPACE, Manifests.ofInstance(cluster))));
        return pods;
    }

    private static List<End> strangers() {
        return List.of(
                End.pod("stranger", Manifests.NAMESPACE, Map.of("app", "something")),
                End.pod("stranger", "elsewhere", Map.of("app.kubernetes.io/name", "job-service")),
                End.pod("keda", "keda", Map.of("app", "keda-operator")),
                End.pod("monitoring", "monitoring", Map.of("app.kubernetes.io/name", "prometheus")),
                End.pod("cnpg-operator", "cnpg-system", Map.of("app.kubernetes.io/name", "cloudnative-pg")));
    }

    private static List<End> outside() {
        return List.of(
                End.pod("cluster-dns", "kube-system", Map.of("k8s-app", "kube-dns")),
                End.outside(PUBLIC),
                End.outside(PUBLIC_6),
                End.outside("10.1.2.3"),
                End.outside("169.254.169.254"),
                End.outside("fd00::1"));
    }

    private static List<Integer> ports(Manifests manifests, End target) {
        return switch (target.name()) {
            case "cluster-dns" -> List.of(53);
            case PUBLIC -> List.of(443, 8443);
            case "169.254.169.254" -> List.of(80);
            case "10.1.2.3" -> List.of(443, 6443, 8443);
            case PUBLIC_6, "fd00::1" -> List.of(443);
            case "kafka" -> List.of(9092);
            case "postgresql" ->
                manifests.all(DatabaseCluster.class).isEmpty() ? List.of(5432) : List.of(5432, 8000, 9187);
            default ->
                manifests.workloads().stream()
                        .filter(workload -> !workload.kind().equals("Job"))
                        .filter(workload -> workload.labels().equals(target.labels()))
                        .flatMap(workload -> workload.lasting().stream())
                        .flatMap(container -> container.getPorts().stream())
                        .map(ContainerPort::getContainerPort)
                        .toList();
        };
    }

    private static Map<String, NavigableSet<String>> table(String text) {
        Map<String, NavigableSet<String>> table = new LinkedHashMap<>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> {
            String[] parts = line.split("<-", -1);
            NavigableSet<String> callers = table.computeIfAbsent(parts[0].strip(), key -> new TreeSet<>());
            for (String caller : parts[1].strip().split("\\s+", -1)) {
                if (!caller.isEmpty()) {
                    callers.add(caller);
                }
            }
        });
        return table;
    }
}
