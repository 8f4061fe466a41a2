package dev.comfygateway.k8s;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Toleration;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.convert.DurationStyle;

/** Pools: each has workers, somebody scales them by the right demand, and a stop leaves enough time. */
final class PoolChecks {

    /** From the end of the grace to the worker's last word. */
    private static final Duration LAST_WORD = Duration.ofSeconds(35);

    /** The longest notice that a provider of spot nodes gives. */
    private static final Duration SPOT_NOTICE = Duration.ofMinutes(2);

    private static final String CAPACITY = "comfygateway.dev/capacity";
    private static final String STOP_LIMIT = "spring.lifecycle.timeout-per-shutdown-phase";
    private static final String GRACE = "comfy.worker.execution.grace";

    private final Manifests manifests;
    private final List<String> findings = new ArrayList<>();

    private PoolChecks(Manifests manifests) {
        this.manifests = manifests;
    }

    static List<String> findings(Manifests manifests) {
        PoolChecks checks = new PoolChecks(manifests);
        checks.pools();
        manifests.all(ScaledObject.class).forEach(checks::scaled);
        manifests.workloads().stream()
                .filter(workload -> workload.kind().equals("Deployment"))
                .filter(workload -> ServiceFacts.isService(
                        Workload.module(workload.pod().getContainers().getFirst())))
                .forEach(checks::stop);
        manifests.workers().forEach(checks::capacity);
        return checks.findings;
    }

    private void require(boolean condition, String where, String what) {
        if (!condition) {
            findings.add(where + ": " + what);
        }
    }

    private void pools() {
        List<String> pools = manifests.pools();
        for (String pool : pools) {
            List<Workload> workers = manifests.workers().stream()
                    .filter(worker -> worker.pool().equals(pool))
                    .toList();
            require(workers.size() == 1, "pool " + pool, "has " + workers.size() + " Deployments of workers");
            for (Workload worker : workers) {
                long scaled = manifests.all(ScaledObject.class).stream()
                        .filter(object -> object.spec().scaleTargetRef().name().equals(worker.name()))
                        .count();
                require(
                        worker.replicas() == null ? scaled == 1 : scaled == 0,
                        worker.title(),
                        "the number of its pods is set by " + scaled + " ScaledObjects and "
                                + (worker.replicas() == null ? "not" : "also") + " by itself");
            }
        }
        for (Workload worker : manifests.workers()) {
            require(pools.contains(worker.pool()), worker.title(), "its pool is not in JOB_POOLS: " + worker.pool());
            boolean told = worker.pod().getContainers().stream()
                    .flatMap(container -> container.getEnv().stream())
                    .anyMatch(variable -> variable.getName().equals("WORKER_POOL"));
            require(told, worker.title(), "is not told its pool");
        }
    }

    private void scaled(ScaledObject object) {
        String where = "ScaledObject " + object.metadata().getName();
        ScaledObject.Spec spec = object.spec();
        Optional<Workload> target = manifests.workers().stream()
                .filter(worker -> worker.name().equals(spec.scaleTargetRef().name()))
                .findFirst();
        require(
                target.isPresent(),
                where,
                "scales nothing: " + spec.scaleTargetRef().name());
        require(
                spec.minReplicaCount() >= 0 && spec.maxReplicaCount() > spec.minReplicaCount(),
                where,
                "has no room to scale");
        require(
                spec.fallback().replicas() > 0,
                where,
                "its fallback of 0 stops every worker while job-service does not answer");
        require(
                spec.fallback().behavior() == ScaledObject.Behavior.currentReplicas,
                where,
                "does not keep its workers while job-service does not answer");
        require(spec.triggers().size() == 1, where, "needs exactly one trigger");
        for (ScaledObject.Trigger trigger : spec.triggers()) {
            require("metrics-api".equals(trigger.type()), where, "asks somebody else");
            Map<String, String> settings = trigger.metadata();
            require("demand".equals(settings.get("valueLocation")), where, "reads another value");
            require("1".equals(settings.get("targetValue")), where, "a worker has one slot");
            demand(
                    where,
                    settings.getOrDefault("url", ""),
                    target.map(Workload::pool).orElse(""));
        }
    }

    /** The address leads to the endpoint of job-service, by its full name, because KEDA asks from another namespace. */
    private void demand(String where, String url, String pool) {
        URI address = URI.create(url);
        String host = "job-service." + Manifests.NAMESPACE + ".svc.cluster.local";
        ServiceFacts facts = ServiceFacts.of("job-service");
        require(host.equals(address.getHost()), where, "does not ask job-service: " + url);
        require(address.getPort() == facts.port(), where, "asks at another port than job-service's: " + url);
        require(("/actuator/demand/" + pool).equals(address.getPath()), where, "asks for another pool: " + url);
        boolean exposed = facts.properties().entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("web.exposure.include"))
                .anyMatch(entry -> List.of(entry.getValue().split(",", -1)).contains("demand"));
        require(exposed, where, "job-service does not expose the demand");
    }

    /** Grace, then Spring's limit, then Kubernetes'. */
    private void stop(Workload workload) {
        Container main = workload.pod().getContainers().getFirst();
        ServiceFacts facts = ServiceFacts.of(Workload.module(main));
        Duration limit = duration(main, facts, STOP_LIMIT, "30s");
        Duration pause = main.getLifecycle() == null || main.getLifecycle().getPreStop() == null
                ? Duration.ZERO
                : Duration.ofSeconds(main.getLifecycle().getPreStop().getSleep().getSeconds());
        Long end = workload.pod().getTerminationGracePeriodSeconds();
        require(
                end != null && limit.plus(pause).toSeconds() < end,
                workload.title(),
                "is killed after " + end + " s, before its own shutdown of " + limit + " after " + pause + " is over");
        if (workload.isWorker()) {
            Duration grace = duration(main, facts, GRACE, facts.defaults().getOrDefault(GRACE, ""));
            require(
                    grace.plus(LAST_WORD).compareTo(limit) <= 0,
                    workload.title(),
                    "its grace of " + grace + " leaves no time before " + limit);
        }
    }

    private static Duration duration(Container container, ServiceFacts facts, String property, String otherwise) {
        String built = facts.property(property);
        return DurationStyle.detectAndParse(
                Workload.value(container, ServiceFacts.variable(property)).orElse(built.isEmpty() ? otherwise : built));
    }

    private void capacity(Workload worker) {
        String capacity = worker.pod().getNodeSelector() == null
                ? ""
                : worker.pod().getNodeSelector().getOrDefault(CAPACITY, "");
        boolean tolerated = worker.pod().getTolerations().stream().anyMatch(PoolChecks::isSpot);
        Map<String, String> annotations = worker.template().getMetadata().getAnnotations() == null
                ? Map.of()
                : worker.template().getMetadata().getAnnotations();
        boolean kept = "false".equals(annotations.get("cluster-autoscaler.kubernetes.io/safe-to-evict"))
                && "true".equals(annotations.get("karpenter.sh/do-not-disrupt"));
        Long end = worker.pod().getTerminationGracePeriodSeconds();
        switch (capacity) {
            case "spot" -> {
                require(tolerated, worker.title(), "may not run on spot nodes, and nowhere else");
                require(
                        end != null && end <= SPOT_NOTICE.toSeconds(),
                        worker.title(),
                        "needs longer than the notice of a spot node");
                require(!kept, worker.title(), "would keep a spot node busy");
            }
            case "on-demand" -> {
                require(!tolerated, worker.title(), "may run on spot nodes");
                require(kept, worker.title(), "may be moved in the middle of a long job");
            }
            default -> require(!tolerated, worker.title(), "may run on spot nodes");
        }
    }

    private static boolean isSpot(Toleration toleration) {
        return CAPACITY.equals(toleration.getKey())
                && "spot".equals(toleration.getValue())
                && "NoSchedule".equals(toleration.getEffect());
    }
}
