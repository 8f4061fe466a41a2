package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.strimzi.api.kafka.model.kafka.Kafka;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Ports and paths: what listens, what is probed, what Services lead to and what addresses name are the same. */
final class PortChecks {

    private static final String LIVENESS = "/actuator/health/liveness";
    private static final String READINESS = "/actuator/health/readiness";
    private static final String COMFYUI = "comfyui";
    private static final String COMFYUI_HEALTH = "/system_stats";

    private final Manifests manifests;
    private final List<String> findings = new ArrayList<>();

    private PortChecks(Manifests manifests) {
        this.manifests = manifests;
    }

    static List<String> findings(Manifests manifests) {
        PortChecks checks = new PortChecks(manifests);
        for (Workload workload : manifests.workloads()) {
            for (Container container : workload.lasting()) {
                String where = workload.title() + ", " + container.getName();
                checks.probes(where, container);
                if (!workload.kind().equals("Job")) {
                    checks.listens(where, container);
                }
            }
            if (workload.isWorker()) {
                checks.comfyUi(workload);
            }
        }
        manifests.all(Service.class).forEach(checks::service);
        manifests.settings().forEach(checks::address);
        return checks.findings;
    }

    private void require(boolean condition, String where, String what) {
        if (!condition) {
            findings.add(where + ": " + what);
        }
    }

    /** A service of ours listens where its application.yml says; for the probes it has to have these groups. */
    private void listens(String where, Container container) {
        String module = Workload.module(container);
        if (!ServiceFacts.isService(module) || container.getName().equals(COMFYUI)) {
            return;
        }
        ServiceFacts facts = ServiceFacts.of(module);
        require(
                port(container, new IntOrString("http")).orElse(0) == facts.port(),
                where,
                "listens at " + facts.port() + ", which is not its port http");
        require(
                facts.properties().entrySet().stream()
                        .anyMatch(entry -> entry.getKey().endsWith("endpoint.health.probes.enabled")
                                && entry.getValue().equals("true")),
                where,
                "has no health groups for probes");
        probe(where, "start-up", container.getStartupProbe(), LIVENESS);
        probe(where, "liveness", container.getLivenessProbe(), LIVENESS);
        probe(where, "readiness", container.getReadinessProbe(), READINESS);
    }

    private void probe(String where, String name, @Nullable Probe probe, String path) {
        require(
                probe == null
                        || (probe.getHttpGet() != null
                                && path.equals(probe.getHttpGet().getPath())),
                where,
                "its " + name + " probe does not ask for " + path);
    }

    private void probes(String where, Container container) {
        List<Probe> probes = new ArrayList<>();
        probes.add(container.getStartupProbe());
        probes.add(container.getLivenessProbe());
        probes.add(container.getReadinessProbe());
        for (Probe probe : probes) {
            if (probe != null && probe.getHttpGet() != null) {
                IntOrString port = probe.getHttpGet().getPort();
                require(port(container, port).isPresent(), where, "probes a port it has not: " + port.getValue());
            }
            if (probe != null && probe.getTcpSocket() != null) {
                IntOrString port = probe.getTcpSocket().getPort();
                require(port(container, port).isPresent(), where, "probes a port it has not: " + port.getValue());
            }
        }
    }

    private void comfyUi(Workload worker) {
        String where = worker.title() + ", " + COMFYUI;
        Optional<Container> comfyUi = worker.container(COMFYUI);
        if (comfyUi.isEmpty() || !Workload.isSidecar(comfyUi.get())) {
            findings.add(where + ": is no sidecar, so it would not outlive its worker");
            return;
        }
        int listens = ServiceFacts.of("comfyui-simulator").port();
        int port = port(comfyUi.get(), new IntOrString(COMFYUI)).orElse(0);
        require(port == listens, where, "listens at " + listens + ", which is not its port " + COMFYUI);
        worker.pod()
                .getContainers()
                .forEach(container -> require(
                        Workload.value(container, "COMFYUI_URL").orElse("").equals("http://127.0.0.1:" + port),
                        worker.title(),
                        "COMFYUI_URL does not lead to the sidecar"));
        asks(where, comfyUi.get(), "start-up", comfyUi.get().getStartupProbe(), port);
        asks(where, comfyUi.get(), "liveness", comfyUi.get().getLivenessProbe(), port);
        asks(where, comfyUi.get(), "readiness", comfyUi.get().getReadinessProbe(), port);
    }

    private void asks(String where, Container comfyUi, String name, @Nullable Probe probe, int port) {
        if (probe == null) {
            return;
        }
        boolean fromOutside = probe.getHttpGet() != null;
        boolean asks = fromOutside
                ? COMFYUI_HEALTH.equals(probe.getHttpGet().getPath())
                : probe.getExec() != null
                        && String.join(" ", probe.getExec().getCommand())
                                .contains("http://127.0.0.1:" + port + COMFYUI_HEALTH);
        require(asks, where, "its " + name + " probe does not ask for " + COMFYUI_HEALTH);
        boolean podOnly = Workload.value(comfyUi, "LISTEN").orElse("").equals("127.0.0.1");
        require(
                !(fromOutside && podOnly),
                where,
                "its " + name + " probe comes from outside the pod, where nothing listens");
    }

    private static OptionalInt port(Container container, IntOrString port) {
        return container.getPorts().stream()
                .filter(candidate -> port.getStrVal() == null
                        ? candidate.getContainerPort().equals(port.getIntVal())
                        : port.getStrVal().equals(candidate.getName()))
                .mapToInt(ContainerPort::getContainerPort)
                .findFirst();
    }

    /** Leads, under the same number, to a port that a pod of its has. */
    private void service(Service service) {
        String where = "Service " + service.getMetadata().getName();
        for (ServicePort port : service.getSpec().getPorts()) {
            OptionalInt target = manifests.workloads().stream()
                    .filter(workload -> Selectors.matches(service.getSpec().getSelector(), workload.labels()))
                    .flatMap(workload -> workload.lasting().stream())
                    .map(container -> port(container, port.getTargetPort()))
                    .filter(OptionalInt::isPresent)
                    .mapToInt(OptionalInt::getAsInt)
                    .findFirst();
            require(
                    target.isPresent(),
                    where,
                    "leads to no port " + port.getTargetPort().getValue());
            require(target.orElse(port.getPort()) == port.getPort(), where, "changes the port's number");
        }
    }

    /** Addresses within the cluster name a Service and its port. */
    private void address(String name, String value) {
        String where = "setting " + name;
        if (name.equals("KAFKA_BOOTSTRAP_SERVERS")) {
            URI address = URI.create("kafka://" + value);
            require(leads(address.getHost(), address.getPort()), where, "leads nowhere: " + value);
        } else if (value.startsWith("http://") && !name.contains("PUBLIC")) {
            URI address = URI.create(value);
            require(leads(address.getHost(), address.getPort()), where, "leads nowhere: " + value);
        }
    }

    private boolean leads(String host, int port) {
        boolean broker = manifests.all(Kafka.class).stream()
                .filter(kafka -> host.equals(kafka.getMetadata().getName() + "-kafka-bootstrap"))
                .flatMap(kafka -> kafka.getSpec().getKafka().getListeners().stream())
                .anyMatch(listener -> listener.getPort() == port);
        return broker
                || manifests.service(host).stream()
                        .flatMap(service -> service.getSpec().getPorts().stream())
                        .anyMatch(candidate -> candidate.getPort() == port);
    }
}
