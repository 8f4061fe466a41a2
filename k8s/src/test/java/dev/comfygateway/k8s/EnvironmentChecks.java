package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Variables: whoever gets one reads it, its value is there, and secrets are only pointed at. */
final class EnvironmentChecks {

    private static final Pattern REFERENCE = Pattern.compile("\\$\\(([A-Z][A-Z0-9_]*)\\)");
    private static final Pattern SECRET =
            Pattern.compile(".*(SECRET|PASSWORD|TOKEN|CREDENTIAL|ACCESS_KEY|API_KEYS?|DATABASE_UR[IL])");
    private static final Pattern WORD = Pattern.compile("\"([A-Z][A-Z0-9_]+)\"");
    private static final Pattern SHELL = Pattern.compile("\\$\\{([A-Z][A-Z0-9_]*)");

    /** Read by Python itself and by every library that caches something. */
    private static final Set<String> OF_PYTHON = Set.of("HOME", "PYTHONDONTWRITEBYTECODE");

    /** What stands in for it is made by hand or by CloudNativePG; the keys are theirs. */
    private static final Map<String, Set<String>> MADE_ELSEWHERE = Map.of(
            "comfyui-gateway",
            Set.of("INTERNAL_TOKEN_SECRET", "API_KEYS", "WEBHOOK_SECRET", "S3_ACCESS_KEY", "S3_SECRET_KEY"),
            "comfyui-gateway-db-app",
            Set.of("uri", "username", "password"));

    private final Map<String, Set<String>> maps = new HashMap<>();
    private final Map<String, Set<String>> secrets = new HashMap<>();
    private final List<String> findings = new ArrayList<>();

    private EnvironmentChecks(Manifests manifests) {
        for (ConfigMap map : manifests.all(ConfigMap.class)) {
            maps.put(map.getMetadata().getName(), map.getData().keySet());
            map.getData().keySet().stream()
                    .filter(key -> SECRET.matcher(key).matches())
                    .forEach(
                            key -> findings.add("ConfigMap " + map.getMetadata().getName() + ": holds " + key));
        }
        List<Secret> made = manifests.all(Secret.class);
        if (made.isEmpty()) {
            secrets.putAll(MADE_ELSEWHERE);
        }
        made.forEach(secret ->
                secrets.put(secret.getMetadata().getName(), secret.getData().keySet()));
    }

    static List<String> findings(Manifests manifests) {
        EnvironmentChecks checks = new EnvironmentChecks(manifests);
        for (Workload workload : manifests.workloads()) {
            for (Container container : workload.all()) {
                checks.check(workload, container);
            }
        }
        manifests.workloads().stream()
                .filter(workload -> workload.kind().equals("Job"))
                .forEach(job -> checks.migration(manifests, job));
        return checks.findings;
    }

    private void check(Workload workload, Container container) {
        String where = workload.title() + ", " + container.getName();
        Set<String> read = new HashSet<>(readBy(where, container));
        container.getEnv().forEach(variable -> read.addAll(references(variable)));
        Set<String> defined = new HashSet<>();
        for (EnvVar variable : container.getEnv()) {
            String name = variable.getName();
            if (!read.contains(name)) {
                findings.add(where + ": nobody reads " + name);
            }
            references(variable).stream()
                    .filter(reference -> !defined.contains(reference))
                    .forEach(reference -> findings.add(where + ": " + name + " needs " + reference + " before it"));
            if (!defined.add(name)) {
                findings.add(where + ": " + name + " is there twice");
            }
            source(where, workload, variable);
        }
        if (!container.getEnvFrom().isEmpty()) {
            findings.add(where + ": takes variables that are not named");
        }
    }

    private static Set<String> references(EnvVar variable) {
        Set<String> references = new HashSet<>();
        if (variable.getValue() != null) {
            Matcher matcher = REFERENCE.matcher(variable.getValue());
            while (matcher.find()) {
                references.add(matcher.group(1));
            }
        }
        return references;
    }

    /** The names that the program in a container asks for. */
    private Set<String> readBy(String where, Container container) {
        String module = Workload.module(container);
        List<String> command = container.getCommand();
        int classPath = command.indexOf("-cp");
        if (classPath >= 0) {
            String program = command.get(classPath + 2);
            Optional<String> source = Checkout.source(program);
            if (source.isEmpty()) {
                findings.add(where + ": no program " + program);
                return Set.of();
            }
            command.subList(classPath + 3, command.size()).stream()
                    .filter(argument -> !source.get().contains('"' + argument + '"'))
                    .forEach(argument -> findings.add(where + ": " + program + " does not know " + argument));
            return names(WORD, source.get());
        }
        if (module.equals("comfyui")) {
            Set<String> names = names(SHELL, Checkout.read("docker/comfyui/start"));
            names.addAll(OF_PYTHON);
            return names;
        }
        if (ServiceFacts.isService(module)) {
            return ServiceFacts.of(module).variables();
        }
        // Kafka's are looked at as its settings; the rest is what these images document.
        return container.getEnv().stream()
                .map(EnvVar::getName)
                .filter(
                        name -> name.matches(
                                "KAFKA_.*|POSTGRES_(DB|USER|PASSWORD)"
                                        + "|S3PROXY_(ENDPOINT|AUTHORIZATION|IDENTITY|CREDENTIAL)|JCLOUDS_(PROVIDER|FILESYSTEM_BASEDIR)"))
                .collect(java.util.stream.Collectors.toSet());
    }

    private static Set<String> names(Pattern pattern, String text) {
        Set<String> names = new HashSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            names.add(matcher.group(1));
        }
        return names;
    }

    private void source(String where, Workload workload, EnvVar variable) {
        String name = variable.getName();
        EnvVarSource source = variable.getValueFrom();
        if (source == null) {
            String value = variable.getValue() == null ? "" : variable.getValue();
            if (SECRET.matcher(name).matches() && references(variable).isEmpty()) {
                findings.add(where + ": the value of " + name + " stands in the manifest");
            }
            if (value.contains("://") && value.matches(".*://[^/@$]*:[^/@$]+@.*")) {
                findings.add(where + ": " + name + " has a password in it");
            }
        } else if (source.getConfigMapKeyRef() != null) {
            key(
                    where,
                    name,
                    maps,
                    source.getConfigMapKeyRef().getName(),
                    source.getConfigMapKeyRef().getKey());
        } else if (source.getSecretKeyRef() != null) {
            key(
                    where,
                    name,
                    secrets,
                    source.getSecretKeyRef().getName(),
                    source.getSecretKeyRef().getKey());
        } else if (source.getFieldRef() != null) {
            String path = source.getFieldRef().getFieldPath();
            Matcher label = Pattern.compile("metadata\\.labels\\['(.+)']").matcher(path);
            if (label.matches() ? !workload.labels().containsKey(label.group(1)) : !path.equals("metadata.name")) {
                findings.add(where + ": " + name + " has no " + path);
            }
        } else {
            findings.add(where + ": " + name + " comes from nowhere");
        }
    }

    private void key(String where, String variable, Map<String, Set<String>> holders, String holder, String key) {
        if (!holders.getOrDefault(holder, Set.of()).contains(key)) {
            findings.add(where + ": " + variable + " points at " + key + " of " + holder + ", which is not there");
        }
    }

    /** A migration starts the whole context of its service, so it needs the same. */
    private void migration(Manifests manifests, Workload job) {
        if (!job.name().startsWith("migrate-")) {
            return;
        }
        String service = job.name().substring("migrate-".length());
        manifests.workloads().stream()
                .filter(workload -> workload.name().equals(service))
                .forEach(workload -> {
                    Map<String, Object> wanted =
                            variables(workload.pod().getContainers().getFirst());
                    if (!"false".equals(wanted.remove("DATABASE_MIGRATE"))) {
                        findings.add(workload.title() + ": migrates by itself, beside " + job.title());
                    }
                    if (!variables(job.pod().getContainers().getFirst()).equals(wanted)) {
                        findings.add(job.title() + ": has not the environment of " + workload.title());
                    }
                });
    }

    private static Map<String, Object> variables(Container container) {
        Map<String, Object> variables = new LinkedHashMap<>();
        container
                .getEnv()
                .forEach(variable -> variables.put(
                        variable.getName(),
                        variable.getValueFrom() == null ? "" + variable.getValue() : variable.getValueFrom()));
        return variables;
    }
}
