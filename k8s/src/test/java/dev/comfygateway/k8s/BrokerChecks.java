package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.kafka.KafkaClusterSpec;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.server.config.AbstractKafkaConfig;

/** Settings of brokers, by the definitions of Kafka itself. */
final class BrokerChecks {

    private static final String IMAGE = "apache/kafka:";
    private static final Set<String> OF_THE_IMAGE = Set.of("KAFKA_HEAP_OPTS");

    private final List<String> findings = new ArrayList<>();

    private BrokerChecks() {}

    static List<String> findings(Manifests manifests) {
        BrokerChecks checks = new BrokerChecks();
        for (Workload workload : manifests.workloads()) {
            workload.all().stream()
                    .filter(container -> container.getImage().startsWith(IMAGE))
                    .forEach(container -> checks.image(workload.title(), container));
        }
        manifests.all(Kafka.class).forEach(kafka -> checks.cluster(manifests, kafka));
        return checks.findings;
    }

    /** Of a variable the image makes the setting of the same name in lower case with dots. */
    private void image(String where, Container container) {
        version(where, container.getImage().substring(IMAGE.length()));
        for (EnvVar variable : container.getEnv()) {
            if (!OF_THE_IMAGE.contains(variable.getName())) {
                String name = variable.getName()
                        .substring("KAFKA_".length())
                        .replace('_', '.')
                        .toLowerCase(Locale.ROOT);
                setting(where, name, variable.getValue());
            }
        }
    }

    private void cluster(Manifests manifests, Kafka kafka) {
        String where = "Kafka " + kafka.getMetadata().getName();
        KafkaClusterSpec spec = kafka.getSpec().getKafka();
        version(where, spec.getVersion());
        int nodes = manifests.all(KafkaNodePool.class).stream()
                .mapToInt(pool -> pool.getSpec().getReplicas())
                .sum();
        List<String> allowed = list(KafkaClusterSpec.FORBIDDEN_PREFIX_EXCEPTIONS);
        List<String> forbidden = list(KafkaClusterSpec.FORBIDDEN_PREFIXES);
        for (Map.Entry<String, Object> entry : spec.getConfig().entrySet()) {
            String name = entry.getKey();
            setting(where, name, entry.getValue());
            if (forbidden.stream().anyMatch(name::startsWith)
                    && allowed.stream().noneMatch(name::startsWith)) {
                findings.add(where + ": " + name + " is the operator's");
            }
            if (name.endsWith("replication.factor") && Integer.parseInt("" + entry.getValue()) > nodes) {
                findings.add(where + ": " + name + " needs more than " + nodes + " nodes");
            }
        }
    }

    private static List<String> list(String text) {
        return List.of(text.split(", ", -1));
    }

    private void version(String where, String version) {
        if (!AppInfoParser.getVersion().equals(version)) {
            findings.add(
                    where + ": is not of the version that the services are tested with, " + AppInfoParser.getVersion());
        }
    }

    private void setting(String where, String name, Object value) {
        ConfigDef.ConfigKey key = AbstractKafkaConfig.CONFIG_DEF.configKeys().get(name);
        if (key == null) {
            findings.add(where + ": Kafka knows no " + name);
            return;
        }
        try {
            Object parsed = ConfigDef.parseType(name, String.valueOf(value), key.type);
            if (key.validator != null) {
                key.validator.ensureValid(name, parsed);
            }
        } catch (ConfigException e) {
            findings.add(where + ": " + e.getMessage());
        }
    }
}
