package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Rights at the cluster's API: few, given to somebody who is there, and a token for whoever has some and nobody else. */
final class AccessChecks {

    private static final String WHERE_CLIENTS_LOOK = "/var/run/secrets/kubernetes.io/serviceaccount";

    /** Whoever may read these or make pods may do whatever any account of the namespace may. */
    private static final Set<String> RESERVED = Set.of("secrets", "serviceaccounts/token", "pods/exec", "*");

    private final Manifests manifests;
    private final List<String> findings = new ArrayList<>();
    private final Set<String> bound = new HashSet<>();

    private AccessChecks(Manifests manifests) {
        this.manifests = manifests;
    }

    static List<String> findings(Manifests manifests) {
        AccessChecks checks = new AccessChecks(manifests);
        manifests.all(Role.class).forEach(checks::role);
        manifests.all(RoleBinding.class).forEach(checks::binding);
        manifests.workloads().forEach(checks::token);
        manifests.workers().forEach(checks::name);
        return checks.findings;
    }

    private void require(boolean condition, String where, String what) {
        if (!condition) {
            findings.add(where + ": " + what);
        }
    }

    private void role(Role role) {
        String where = "Role " + role.getMetadata().getName();
        for (PolicyRule rule : role.getRules()) {
            require(rule.getResources().stream().noneMatch(RESERVED::contains), where, "may do what others may");
            require(
                    rule.getVerbs().stream().noneMatch(verb -> verb.equals("*") || verb.equals("create")),
                    where,
                    "may do too much");
        }
    }

    private void binding(RoleBinding binding) {
        String where = "RoleBinding " + binding.getMetadata().getName();
        require(
                binding.getRoleRef().getKind().equals("Role")
                        && manifests.all(Role.class).stream()
                                .anyMatch(role -> role.getMetadata()
                                        .getName()
                                        .equals(binding.getRoleRef().getName())),
                where,
                "no role " + binding.getRoleRef().getName());
        for (Subject subject : binding.getSubjects()) {
            bound.add(subject.getName());
            require(
                    subject.getKind().equals("ServiceAccount")
                            && Manifests.NAMESPACE.equals(subject.getNamespace())
                            && manifests.all(ServiceAccount.class).stream()
                                    .anyMatch(account ->
                                            account.getMetadata().getName().equals(subject.getName())),
                    where,
                    "no account " + subject.getName() + " in the namespace");
        }
    }

    private void token(Workload workload) {
        boolean needed = bound.contains(String.valueOf(workload.pod().getServiceAccountName()));
        List<String> tokens = workload.pod().getVolumes().stream()
                .filter(AccessChecks::hasToken)
                .map(Volume::getName)
                .toList();
        require(needed || tokens.isEmpty(), workload.title(), "has a token and no rights");
        require(
                !needed || workload.lasting().stream().anyMatch(container -> mounts(container, tokens)),
                workload.title(),
                "has rights and no token where clients look for it");
    }

    private static boolean hasToken(Volume volume) {
        return volume.getProjected() != null
                && volume.getProjected().getSources().stream()
                        .anyMatch(source -> source.getServiceAccountToken() != null);
    }

    private static boolean mounts(Container container, List<String> tokens) {
        return container.getVolumeMounts().stream()
                .anyMatch(mount ->
                        tokens.contains(mount.getName()) && mount.getMountPath().equals(WHERE_CLIENTS_LOOK));
    }

    /** A worker's heartbeats are about the pod of its name. */
    private void name(Workload worker) {
        require(
                worker.pod().getContainers().stream()
                        .flatMap(container -> container.getEnv().stream())
                        .filter(variable -> variable.getName().equals("WORKER_ID"))
                        .flatMap(AccessChecks::field)
                        .anyMatch("metadata.name"::equals),
                worker.title(),
                "is not called as its pod");
    }

    private static Stream<String> field(EnvVar variable) {
        return variable.getValueFrom() == null || variable.getValueFrom().getFieldRef() == null
                ? Stream.empty()
                : Stream.of(variable.getValueFrom().getFieldRef().getFieldPath());
    }
}
