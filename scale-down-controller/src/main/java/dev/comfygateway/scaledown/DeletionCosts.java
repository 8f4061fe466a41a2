package dev.comfygateway.scaledown;

import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.scaledown.WorkerPods.WorkerPod;
import dev.comfygateway.scaledown.Workers.Occupation;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * Gives the pods of idle workers a lower deletion cost than all others, and takes it back when they get a job. Compares
 * what is with what should be and remembers nothing, so that several of it, or one that starts anew, do the same. A cost
 * that somebody else has set stays.
 */
class DeletionCosts implements HealthIndicator {

    /** Of an idle worker. */
    static final String IDLE = "-100";

    private static final Logger log = LoggerFactory.getLogger(DeletionCosts.class);

    /** Writes of one round, so that a pool whose jobs all end at once does not flood the cluster's API. */
    private static final int MOST = 50;

    private final Workers workers;
    private final WorkerPods pods;
    private final BooleanSupplier workersKnown;
    private final MeterRegistry meters;

    /** @param workersKnown whether all heartbeats that were there at the start have been read */
    DeletionCosts(Workers workers, WorkerPods pods, BooleanSupplier workersKnown, MeterRegistry meters) {
        this.workers = workers;
        this.pods = pods;
        this.workersKnown = workersKnown;
        this.meters = meters;
    }

    private record Change(String pod, @Nullable String cost) {
        boolean marks() {
            return cost != null;
        }
    }

    /** Compares once and writes what differs; blocks while it does. */
    @Scheduled(fixedDelayString = "${comfy.scale-down.every:5s}")
    void apply() {
        if (!workersKnown.getAsBoolean() || !pods.areWatched()) {
            return;
        }
        List<Change> changes = pods.list().stream()
                .flatMap(pod -> change(pod).stream())
                // A busy one that is still marked is what should not be.
                .sorted(Comparator.comparing(Change::marks))
                .limit(MOST)
                .toList();
        for (Change change : changes) {
            if (!write(change)) {
                return;
            }
        }
    }

    private Optional<Change> change(WorkerPod pod) {
        Occupation occupation = workers.of(pod.name());
        if (occupation == Occupation.IDLE && pod.cost() == null) {
            return Optional.of(new Change(pod.name(), IDLE));
        }
        if (occupation == Occupation.BUSY && IDLE.equals(pod.cost())) {
            return Optional.of(new Change(pod.name(), null));
        }
        return Optional.empty();
    }

    /** False when the next one would fail as well; a refusal may be about this pod only. */
    private boolean write(Change change) {
        try {
            if (pods.setCost(change.pod(), change.cost())) {
                count(change, "written");
            }
            return true;
        } catch (KubernetesClientException e) {
            count(change, "failed");
            log.warn("The deletion cost of pod {} could not be written: {}", change.pod(), e.getMessage());
            return e.getCode() >= 400 && e.getCode() < 500;
        }
    }

    private void count(Change change, String outcome) {
        meters.counter(MetricNames.DELETION_COST, "worker", change.marks() ? "idle" : "busy", "outcome", outcome)
                .increment();
    }

    @Override
    public Health health() {
        List<String> missing = Stream.of(
                        workersKnown.getAsBoolean() ? "" : "reading the workers' heartbeats",
                        pods.areWatched() ? "" : "no watch of the workers' pods")
                .filter(reason -> !reason.isEmpty())
                .toList();
        return missing.isEmpty()
                ? Health.up().build()
                : Health.outOfService().withDetail("reason", missing).build();
    }
}
