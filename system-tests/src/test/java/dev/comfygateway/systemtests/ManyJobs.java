package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.systemtests.ApiClient.ServerEvent;
import dev.comfygateway.testing.Figures;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import tools.jackson.databind.JsonNode;

/**
 * Near-instant jobs from several clients at once. Each client submits, follows the events to the end, reads the job and
 * downloads its image, and then begins the next one.
 */
final class ManyJobs {

    private final Stack stack;
    private final ApiClient api;
    private final int jobs;
    private final int clients;
    /** What a job is at, for those that hang. */
    private final AtomicReferenceArray<String> steps;

    private final List<String> ids = new ArrayList<>();
    private final List<Double> millis = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();
    private double seconds;

    private ManyJobs(Stack stack, int jobs, int clients) {
        this.stack = stack;
        this.api = stack.api();
        this.jobs = jobs;
        this.clients = clients;
        this.steps = new AtomicReferenceArray<>(jobs);
    }

    private record Ended(String jobId, double millis) {}

    /** Runs them and returns when all have ended, or the time is over. */
    static ManyJobs run(Stack stack, int jobs, int clients, Duration limit) throws InterruptedException {
        ManyJobs many = new ManyJobs(stack, jobs, clients);
        many.run(limit);
        return many;
    }

    /** Every job has ended once, at its first attempt, with the bytes that its hash names. */
    void assertEachEndedOnceWithItsBytes() {
        assertThat(faults).as("jobs that did not end well").isEmpty();
        assertThat(ids).hasSize(jobs).doesNotHaveDuplicates();
        assertThat(api.get("/v1/jobs?status=queued,running,canceling")
                        .get("count")
                        .asInt())
                .as("jobs that have not ended")
                .isZero();
        Map<String, Set<Outcomes.Outcome>> outcomes = Outcomes.read(stack.kafka());
        assertThat(ids)
                .allSatisfy(id -> assertThat(outcomes.getOrDefault(id, Set.of()))
                        .as("outcomes of %s", id)
                        .hasSize(1));
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%d jobs at %d clients: %.1f s, %.1f jobs/s, p50 %.0f ms, p95 %.0f ms, p99 %.0f ms, %d faults",
                jobs,
                clients,
                seconds,
                ids.size() / seconds,
                Figures.percentile(millis, 50),
                Figures.percentile(millis, 95),
                Figures.percentile(millis, 99),
                faults.size());
    }

    private void run(Duration limit) throws InterruptedException {
        long start = System.nanoTime();
        List<Future<Ended>> results = new ArrayList<>();
        ExecutorService executor = Executors.newFixedThreadPool(clients);
        try {
            for (int i = 0; i < jobs; i++) {
                int number = i;
                results.add(executor.submit(() -> one(number)));
            }
            executor.shutdown();
            if (!executor.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                faults.add("not all have ended within " + limit);
            }
            seconds = (System.nanoTime() - start) / 1e9;
            for (int i = 0; i < jobs; i++) {
                collect(i, results.get(i));
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private void collect(int number, Future<Ended> result) throws InterruptedException {
        if (!result.isDone()) {
            faults.add("job " + number + " hangs: " + steps.get(number));
            return;
        }
        try {
            Ended ended = result.get();
            ids.add(ended.jobId());
            millis.add(ended.millis());
        } catch (ExecutionException e) {
            faults.add("job " + number + ", " + steps.get(number) + ": " + e.getCause());
        }
    }

    private Ended one(int number) {
        long start = System.nanoTime();
        steps.set(number, "submitting");
        String jobId = api.submit(Map.of("workflow", Graphs.invert(64, 64, number)));
        steps.set(number, jobId + " submitted");
        List<ServerEvent> events = api.follow(jobId, "", event -> steps.set(number, jobId + " " + event.name()));
        assertThat(events.stream().filter(event -> !event.id().isEmpty()))
                .extracting(ServerEvent::name)
                .containsExactly("queued", "running", "end");
        steps.set(number, jobId + " followed");
        JsonNode job = api.job(jobId);
        assertThat(job.get("status").asString()).isEqualTo("succeeded");
        assertThat(job.get("attempts").asInt()).isEqualTo(1);
        JsonNode output = job.at("/outputs/0");
        byte[] bytes = api.download(output.get("contentUrl").asString());
        double took = (System.nanoTime() - start) / 1e6;
        assertThat(bytes).isNotEmpty().hasSize(output.get("size").asInt());
        assertThat(sha256(bytes)).isEqualTo(output.get("sha256").asString());
        return new Ended(jobId, took);
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
