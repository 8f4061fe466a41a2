package dev.comfygateway.systemtests;

import static org.awaitility.Awaitility.await;

import dev.comfygateway.systemtests.ApiClient.ServerEvent;
import dev.comfygateway.systemtests.FaultMix.Window;
import dev.comfygateway.systemtests.Outcomes.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionTimeoutException;
import tools.jackson.databind.JsonNode;

/**
 * What must hold after faults, seen from outside: by the API, in {@code jobs.completed}, at the webhooks' receiver. It
 * collects everything that does not hold.
 */
final class FaultAudit {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** The classes of failures after which another attempt is made, until there have been enough. */
    private static final Set<String> LOST = Set.of("WORKER_LOST", "BACKEND_LOST", "STORAGE");

    private final FaultRig rig;
    private final ApiClient api;
    private final List<FaultJob> jobs;
    private final List<Window> windows;
    private final WebhookReceiver receiver;
    private final Queue<String> wrongs = new ConcurrentLinkedQueue<>();
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private final AtomicInteger strict = new AtomicInteger();
    private final AtomicInteger furtherAttempts = new AtomicInteger();
    private final AtomicInteger givenUp = new AtomicInteger();
    private int outcomeIds;
    private int webhookIds;

    FaultAudit(FaultRig rig, List<FaultJob> jobs, List<Window> windows, WebhookReceiver receiver) {
        this.rig = rig;
        this.api = rig.api();
        this.jobs = jobs;
        this.windows = windows;
        this.receiver = receiver;
    }

    /** Everything that does not hold; empty when all is well. */
    List<String> wrongs() {
        return List.copyOf(wrongs);
    }

    /** Looks at everything; blocks until it has, and for a while for what is still on its way. */
    void check() throws InterruptedException {
        jobs.forEach(job -> job.wrongs().forEach(wrong -> wrongs.add(job + ": " + wrong)));
        checkWorkers();
        try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
            jobs.stream()
                    .filter(job -> !job.id().isEmpty())
                    .forEach(job -> readers.execute(() -> {
                        try {
                            checkJob(job);
                        } catch (RuntimeException | AssertionError e) {
                            wrongs.add(job + ": " + e);
                        }
                    }));
        }
        checkOutcomes();
        checkWebhooks();
    }

    private void checkJob(FaultJob job) {
        JsonNode view = api.job(job.id());
        String status = view.get("status").asString();
        statuses.merge(status, 1, Integer::sum);
        if (!job.ends().stream().allMatch(status::equals) || job.ends().size() != 1) {
            wrongs.add(job + ": is " + status);
        }
        List<ServerEvent> numbered = api.follow(job.id(), "", event -> {}).stream()
                .filter(event -> !event.id().isEmpty())
                .toList();
        for (int i = 0; i < numbered.size(); i++) {
            boolean last = i == numbered.size() - 1;
            if (!numbered.get(i).id().equals(String.valueOf(i + 1))
                    || numbered.get(i).name().equals("end") != last) {
                wrongs.add(job + ": has the events " + numbered);
            }
        }
        int attempts = view.get("attempts").asInt();
        furtherAttempts.addAndGet(Math.max(0, attempts - 1));
        boolean disturbed = isDisturbed(view.get("timing"));
        if (!disturbed) {
            strict.incrementAndGet();
            if (attempts > 1) {
                wrongs.add(job + ": has " + attempts + " attempts although nothing took one: " + numbered);
            }
        }
        boolean lost = status.equals("failed")
                && LOST.contains(view.at("/error/category").asString());
        if (lost && disturbed && attempts > 1 && !job.isCancelTaken()) {
            givenUp.incrementAndGet();
        } else if (!job.regularEnds().contains(status)) {
            wrongs.add(job + ": ended as " + status + " " + view.get("error"));
        }
    }

    /** Whether a fault that may take attempts happened during its life. */
    private boolean isDisturbed(JsonNode timing) {
        Instant created = Instant.parse(timing.get("createdAt").asString());
        Instant completed = Instant.parse(timing.get("completedAt").asString());
        return windows.stream()
                .filter(window -> window.fault().mayCostAttempts())
                .anyMatch(window -> window.struck().isBefore(completed)
                        // A worker that comes back needs a moment to hear what it has lost.
                        && window.healed().plus(rig.lease()).isAfter(created));
    }

    private void checkOutcomes() {
        int open =
                api.get("/v1/jobs?status=queued,running,canceling").get("count").asInt();
        if (open != 0) {
            wrongs.add(open + " jobs have not ended");
        }
        Map<String, Set<Outcome>> outcomes = Outcomes.read(rig.kafka());
        Map<String, FaultJob> byId = new HashMap<>();
        jobs.forEach(job -> {
            FaultJob other = byId.put(job.id(), job);
            if (other != null && !job.id().isEmpty()) {
                wrongs.add(job + " is " + other);
            }
            Set<Outcome> own = outcomes.getOrDefault(job.id(), Set.of());
            if (own.size() != 1) {
                wrongs.add(job + ": has the outcomes " + own);
            } else if (!job.ends().stream()
                    .allMatch(end -> own.iterator().next().type().equals("job." + end + ".v1"))) {
                wrongs.add(job + ": was told as " + own);
            }
        });
        Set<String> ids = new HashSet<>();
        outcomes.forEach((id, own) -> {
            if (byId.containsKey(id)) {
                own.forEach(outcome -> ids.add(outcome.id()));
            }
        });
        outcomeIds = ids.size();
        if (outcomeIds != jobs.size()) {
            wrongs.add(outcomeIds + " distinct ce_ids of outcomes for " + jobs.size() + " jobs");
        }
    }

    private void checkWebhooks() {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> receiver.idsByJob()
                            .keySet()
                            .containsAll(jobs.stream().map(FaultJob::id).toList()));
        } catch (ConditionTimeoutException e) {
            // Told below, job by job.
        }
        Map<String, Set<String>> ids = receiver.idsByJob();
        jobs.forEach(job -> {
            Set<String> own = ids.getOrDefault(job.id(), Set.of());
            webhookIds += own.size();
            if (own.size() != 1) {
                wrongs.add(job + ": got the webhooks " + own);
            }
        });
    }

    /** No permit is kept for an attempt that has ended, and every worker still works. */
    private void checkWorkers() {
        List<String> free = new ArrayList<>();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(500)).until(() -> {
                free.clear();
                api.get("/v1/workers").get("workers").forEach(worker -> {
                    if (worker.get("state").asString().equals("idle")
                            && worker.get("freePermits").asInt()
                                    == worker.get("slots").asInt()) {
                        free.add(worker.get("workerId").asString());
                    }
                });
                return free.containsAll(FaultRig.WORKERS);
            });
        } catch (ConditionTimeoutException e) {
            wrongs.add("Only " + free + " are idle: " + api.get("/v1/workers"));
        }
        Set<String> worked = new HashSet<>();
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(10)).until(() -> {
                worked.addAll(workersOfTwoJobs());
                return worked.containsAll(FaultRig.WORKERS);
            });
        } catch (ConditionTimeoutException e) {
            wrongs.add("Only " + worked + " work");
        }
    }

    /** Two jobs at once, which two free workers share. */
    private Set<String> workersOfTwoJobs() {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ids.add(api.submit(Map.of("workflow", Graphs.slow(10, 4_000 + i))));
        }
        Set<String> workers = new HashSet<>();
        for (String id : ids) {
            api.follow(id, "", event -> {
                if (event.name().equals("running")) {
                    workers.add(event.data().get("workerId").asString());
                }
            });
        }
        return workers;
    }

    @Override
    public String toString() {
        return "%s; %d distinct ce_ids, %d webhooks; %d further attempts, %d jobs given up by the rules; %d jobs lived"
                        .formatted(
                                new TreeMap<>(statuses),
                                outcomeIds,
                                webhookIds,
                                furtherAttempts.get(),
                                givenUp.get(),
                                strict.get())
                + " while nothing could take an attempt";
    }
}
