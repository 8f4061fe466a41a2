package dev.comfygateway.k8s;

import dev.comfygateway.observability.MetricNames;
import io.fabric8.kubernetes.api.model.Secret;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.Yaml;

/** Every check there is. */
final class AllChecks {

    private static final Pattern METRIC = Pattern.compile("\\bcomfy_[a-z_]+\\b");
    private static final Pattern SUFFIX = Pattern.compile("_(total|seconds|bytes|max|count|sum|bucket)(_[a-z]+)?$");

    private AllChecks() {}

    /**
     * What is wrong, or nothing.
     *
     * @param production whether secrets must come from elsewhere
     */
    static List<String> findings(List<Map<String, Object>> documents, boolean production) {
        Manifests manifests = Manifests.of(documents);
        List<String> findings = new ArrayList<>(manifests.unreadable());
        findings.addAll(PodChecks.findings(manifests, System.getProperty("project.version", "")));
        findings.addAll(EnvironmentChecks.findings(manifests));
        findings.addAll(PortChecks.findings(manifests));
        findings.addAll(SelectorChecks.findings(manifests));
        findings.addAll(AccessChecks.findings(manifests));
        findings.addAll(PoolChecks.findings(manifests));
        findings.addAll(BrokerChecks.findings(manifests));
        if (production) {
            manifests
                    .all(Secret.class)
                    .forEach(secret ->
                            findings.add("Secret " + secret.getMetadata().getName() + ": stands in the manifests"));
        }
        metrics(documents, findings);
        return findings;
    }

    private static void metrics(List<Map<String, Object>> documents, List<String> findings) {
        Set<String> known = Arrays.stream(MetricNames.class.getFields())
                .map(AllChecks::text)
                .map(name -> name.replace('.', '_'))
                .collect(Collectors.toSet());
        Matcher matcher = METRIC.matcher(new Yaml().dumpAll(documents.iterator()));
        while (matcher.find()) {
            String name = matcher.group();
            if (!known.contains(name) && !known.contains(SUFFIX.matcher(name).replaceFirst(""))) {
                findings.add("metric " + name + ": there is none of that name");
            }
        }
    }

    private static String text(Field field) {
        try {
            return String.valueOf(field.get(null));
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }
}
