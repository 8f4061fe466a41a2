package dev.comfygateway.scaledown;

import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.scaledown.WorkerPods.WorkerPod;
import dev.comfygateway.scaledown.Workers.Occupation;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
 * what is with what should be and decides by nothing else, so that several of it, or one that starts anew, do the same. A
 * cost that somebody else has set stays.
 */
class DeletionCosts implements HealthIndicator {

    /** Of an idle worker. */
    static final String IDLE = "-100";

    /** Writes of one round, so that a pool whose jobs all end at once does not flood the cluster's API. */
    static final int MOST = 50;

    private static final Logger log = LoggerFactory.getLogger(DeletionCosts.class);

    /** Errors after which a round ends: the next one would fail as well. A single one may be about its pod only. */
    private static final int TOO_MANY = 3;

    /** Gone, or changed meanwhile: the watch tells of it, and the next round is about the pod as it is then. */
    private static final Set<Integer> OUTDATED = Set.of(404, 409);

    private final Workers workers;
    private final WorkerPods pods;
    private final BooleanSupplier workersKnown;
    private final MeterRegistry meters;
    private boolean watched;

    /** @param workersKnown whether all heartbeats that were there at the start have been read */
    DeletionCosts(Workers workers, WorkerPods pods, BooleanSupplier workersKnown, MeterRegistry meters) {
        this.workers = workers;
        this.pods = pods;
        this.workersKnown = workersKnown;
        this.meters = meters;
    }

    private record Change(@Nullable String cost) {
        boolean marks() {
            return cost != null;
        }
    }

    private record Differing(WorkerPod pod, Change change) {}

    /** Compares once and writes what differs; blocks while it does. */
    @Scheduled(fixedDelayString = "${comfy.scale-down.every:5s}")
    synchronized void apply() {
        tellWhetherWatched(pods.areWatched());
        if (!workersKnown.getAsBoolean() || !watched) {
            return;
        }
        workers.forgetSilent();
        List<Differing> differing = new ArrayList<>(pods.list().stream()
                .flatMap(pod -> change(pod).map(change -> new Differing(pod, change)).stream())
                .toList());
        // Those that are refused again and again must not always be the first.
        Collections.shuffle(differing);
        // A busy one that is still marked is what should not be.
        differing.sort(Comparator.comparing(each -> each.change().marks()));
        List<String> refusals = new ArrayList<>();
        for (Differing each : differing.subList(0, Math.min(differing.size(), MOST))) {
            // Not if it has become another one while those before were written, which may take long.
            if (refusals.size() < TOO_MANY && change(each.pod()).equals(Optional.of(each.change()))) {
                write(each).map(error -> each.pod().name() + ": " + error).ifPresent(refusals::add);
            }
        }
        if (!refusals.isEmpty()) {
            log.warn("Deletion costs could not be written: {}", refusals);
        }
    }

    private void tellWhetherWatched(boolean now) {
        if (now != watched) {
            log.info("The workers' pods are {}", now ? "watched" : "not watched, and left as they are");
            watched = now;
        }
    }

    private Optional<Change> change(WorkerPod pod) {
        Occupation occupation = workers.of(pod.name());
        if (occupation == Occupation.IDLE && pod.cost() == null) {
            return Optional.of(new Change(IDLE));
        }
        if (occupation == Occupation.BUSY && IDLE.equals(pod.cost())) {
            return Optional.of(new Change(null));
        }
        return Optional.empty();
    }

    /** What is wrong, or nothing when it is written or was outdated. */
    private Optional<String> write(Differing each) {
        try {
            pods.setCost(each.pod(), each.change().cost());
            count(each.change(), "written");
            return Optional.empty();
        } catch (KubernetesClientException e) {
            if (OUTDATED.contains(e.getCode())) {
                return Optional.empty();
            }
            count(each.change(), "failed");
            return Optional.of(String.valueOf(e.getMessage()));
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
