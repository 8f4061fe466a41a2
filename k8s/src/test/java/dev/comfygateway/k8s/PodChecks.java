package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Images, probes, resources and rights of every pod. */
final class PodChecks {

    static final String GPU = "nvidia.com/gpu";

    private final Manifests manifests;
    private final String version;
    private final List<String> findings = new ArrayList<>();

    private PodChecks(Manifests manifests, String version) {
        this.manifests = manifests;
        this.version = version;
    }

    /** @param version of this project, which is the tag of its images */
    static List<String> findings(Manifests manifests, String version) {
        PodChecks checks = new PodChecks(manifests, version);
        manifests.workloads().forEach(checks::check);
        return checks.findings;
    }

    private void check(Workload workload) {
        rights(workload);
        volumes(workload);
        for (Container container : workload.all()) {
            String where = workload.title() + ", " + container.getName();
            image(where, container);
            resources(where, workload, container);
            rights(where, container);
        }
        if (!workload.kind().equals("Job")) {
            for (Container container : workload.lasting()) {
                probes(workload.title() + ", " + container.getName(), container);
            }
        }
    }

    private void require(boolean condition, String where, String what) {
        if (!condition) {
            findings.add(where + ": " + what);
        }
    }

    private void image(String where, Container container) {
        String image = container.getImage() == null ? "" : container.getImage();
        String tag = image.substring(image.lastIndexOf('/') + 1);
        require(tag.contains("@sha256:") || tag.contains(":"), where, "image without a tag: " + image);
        require(!tag.endsWith(":latest"), where, "image with a tag that moves: " + image);
        if (image.startsWith(Workload.OURS)) {
            String module = Workload.module(container);
            if (module.equals("comfyui")) {
                String made = Checkout.read("docker/comfyui/Dockerfile");
                require(
                        made.contains("COMFYUI_VERSION=" + tagOf(tag)),
                        where,
                        "not the release of ComfyUI that the image is built with: " + image);
                // As process 1 Python does not hear SIGTERM.
                require(
                        made.contains("STOPSIGNAL SIGINT"),
                        where,
                        "cannot be stopped, so a worker that has ended would keep its GPU for the whole grace");
            } else {
                require(ServiceFacts.isService(module), where, "image of no service: " + image);
                require(tagOf(tag).equals(version), where, "image of another version than " + version + ": " + image);
            }
        }
    }

    private static String tagOf(String image) {
        return image.substring(image.indexOf(':') + 1);
    }

    private void probes(String where, Container container) {
        require(container.getStartupProbe() != null, where, "no start-up probe");
        require(container.getLivenessProbe() != null, where, "no liveness probe");
        require(container.getReadinessProbe() != null, where, "no readiness probe");
    }

    private void resources(String where, Workload workload, Container container) {
        Map<String, Quantity> requests = container.getResources() == null
                ? Map.of()
                : orEmpty(container.getResources().getRequests());
        Map<String, Quantity> limits = container.getResources() == null
                ? Map.of()
                : orEmpty(container.getResources().getLimits());
        require(requests.containsKey("cpu"), where, "no CPU request");
        require(requests.containsKey("memory"), where, "no memory request");
        require(limits.containsKey("memory"), where, "no memory limit");
        for (Map.Entry<String, Quantity> request : requests.entrySet()) {
            Quantity limit = limits.get(request.getKey());
            if (limit != null) {
                require(
                        request.getValue().getNumericalAmount().compareTo(limit.getNumericalAmount()) <= 0,
                        where,
                        "requests more " + request.getKey() + " than its limit");
            }
        }
        require(
                workload.isWorker() || !(requests.containsKey(GPU) || limits.containsKey(GPU)),
                where,
                "asks for a GPU and is no worker");
    }

    private static Map<String, Quantity> orEmpty(@Nullable Map<String, Quantity> map) {
        return map == null ? Map.of() : map;
    }

    private void rights(Workload workload) {
        String where = workload.title();
        PodSpec pod = workload.pod();
        PodSecurityContext context = pod.getSecurityContext();
        require(context != null && isTrue(context.getRunAsNonRoot()), where, "may run as root");
        require(
                context != null && context.getRunAsUser() != null && context.getRunAsUser() > 0,
                where,
                "no number of a user, without which Kubernetes cannot tell that it is not root");
        require(
                context != null
                        && context.getSeccompProfile() != null
                        && "RuntimeDefault".equals(context.getSeccompProfile().getType()),
                where,
                "no seccomp profile");
        require(isFalse(pod.getAutomountServiceAccountToken()), where, "gets a token for the cluster's API");
        require(isFalse(pod.getEnableServiceLinks()), where, "other Services may change its environment");
        require(
                pod.getHostNetwork() == null && pod.getHostPID() == null && pod.getHostIPC() == null,
                where,
                "shares namespaces with the node");
        require(
                pod.getShareProcessNamespace() == null,
                where,
                "its containers could read each other's environment, secrets included");
        Set<String> accounts = manifests.all(ServiceAccount.class).stream()
                .map(account -> account.getMetadata().getName())
                .collect(Collectors.toSet());
        String account = pod.getServiceAccountName();
        require(account == null || accounts.contains(account), where, "no service account " + account);
        require(
                workload.isWorker()
                        || pod.getTolerations().stream().noneMatch(toleration -> GPU.equals(toleration.getKey())),
                where,
                "would take a place on a GPU node");
    }

    private void rights(String where, Container container) {
        SecurityContext context = container.getSecurityContext();
        if (context == null) {
            findings.add(where + ": no security context");
            return;
        }
        require(isFalse(context.getAllowPrivilegeEscalation()), where, "may gain privileges");
        require(!isTrue(context.getPrivileged()), where, "is privileged");
        require(
                context.getRunAsUser() == null && context.getRunAsNonRoot() == null,
                where,
                "runs as somebody else than its pod");
        require(
                context.getCapabilities() != null
                        && context.getCapabilities().getDrop().equals(List.of("ALL"))
                        && context.getCapabilities().getAdd().isEmpty(),
                where,
                "keeps capabilities");
        // Images of others may write into their own folders.
        require(
                !container.getImage().startsWith(Workload.OURS) || isTrue(context.getReadOnlyRootFilesystem()),
                where,
                "its root file system can be written");
    }

    private void volumes(Workload workload) {
        Set<String> volumes = new HashSet<>(workload.claims());
        for (Volume volume : workload.pod().getVolumes()) {
            require(volume.getHostPath() == null, workload.title(), "mounts a folder of the node");
            volumes.add(volume.getName());
        }
        for (Container container : workload.all()) {
            String where = workload.title() + ", " + container.getName();
            Set<String> paths = new HashSet<>();
            for (VolumeMount mount : container.getVolumeMounts()) {
                require(volumes.contains(mount.getName()), where, "no volume " + mount.getName());
                require(paths.add(mount.getMountPath()), where, "mounts twice at " + mount.getMountPath());
            }
            require(
                    !container.getImage().startsWith(Workload.OURS) || paths.contains("/tmp"),
                    where,
                    "has no /tmp to write to");
        }
    }

    private static boolean isTrue(@Nullable Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private static boolean isFalse(@Nullable Boolean value) {
        return Boolean.FALSE.equals(value);
    }
}
