package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.testing.Figures;
import dev.comfygateway.testing.PerformancePage;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * How much of a GPU's time the service leaves unused, and what four GPUs do more than one. Jobs take 200 ms in the
 * simulator and all of a round are submitted ahead, so whatever a backend waits for is our doing. Rounds of one backend
 * (the stack's own worker) and of four (one more worker) take turns, so that both see the same machine. Writes the table
 * of {@code docs/operations/performance.md}; asserts only that the figures are complete, never that they are good.
 */
@Tag("bench")
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class ThroughputIT {

    private static final int ROUNDS = Integer.getInteger("throughput.rounds", 5);
    private static final int WARM_UP = Integer.getInteger("throughput.warm-up", 1500);
    private static final int JOBS_OF_ONE = 200;
    private static final int JOBS_OF_FOUR = 600;
    private static final int CLIENTS = 8;

    @TempDir
    Path data;

    private int colors;

    /** One prompt, by the simulator's clock: nanoseconds since 1970. */
    private record Run(long start, long end) {
        double millis() {
            return (end - start) / 1e6;
        }
    }

    /**
     * What one round showed.
     *
     * @param runs how many prompts were counted
     * @param jobsPerSecond of all its backends
     * @param idle the part of their time, 0 to 1, in which they ran nothing
     * @param gaps milliseconds between two prompts on one backend
     * @param lengths milliseconds of the prompts
     */
    private record Round(int runs, double jobsPerSecond, double idle, List<Double> gaps, List<Double> lengths) {}

    @Test
    void measuresIdleTimeAndWhatFourBackendsDo() throws Exception {
        List<Round> ones = new ArrayList<>();
        List<Round> fours = new ArrayList<>();
        Path logs = Files.createDirectories(data.resolve("four"));
        try (Stack stack = Stack.start(data.resolve("stack"), Map.of("JOB_POOLS", "default," + WorkerOfFour.POOL));
                WorkerOfFour four = WorkerOfFour.start(stack, logs)) {
            ApiClient api = stack.api();
            warmUp(api, "default");
            warmUp(api, WorkerOfFour.POOL);
            for (int i = 0; i < ROUNDS; i++) {
                ones.add(round(api, "default", JOBS_OF_ONE, List.of(stack.comfyUi())));
                fours.add(round(api, WorkerOfFour.POOL, JOBS_OF_FOUR, four.simulators()));
            }
        }
        String table = table(ones, fours);
        System.out.println(table);
        PerformancePage.write("throughput", ThroughputIT.class, table);
    }

    /** Until the services run compiled: some thousand requests each, and as long jobs as those that are measured. */
    private void warmUp(ApiClient api, String pool) throws InterruptedException, ExecutionException {
        submit(api, pool, WARM_UP, color -> Graphs.invert(64, 64, color));
        awaitEmpty(api);
        submit(api, pool, 50, Graphs::fifthOfASecond);
        awaitEmpty(api);
    }

    private Round round(ApiClient api, String pool, int jobs, List<URI> simulators)
            throws InterruptedException, ExecutionException {
        List<String> ids = submit(api, pool, jobs, Graphs::fifthOfASecond);
        Instant now = Instant.now();
        long submitted = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        awaitEmpty(api);
        for (String id : ids) {
            JsonNode job = api.job(id);
            assertThat(job.get("status").asString()).as(job.toString()).isEqualTo("succeeded");
            assertThat(job.get("attempts").asInt()).as(job.toString()).isEqualTo(1);
        }
        return measure(simulators.stream().map(uri -> runs(uri, submitted)).toList());
    }

    private static Round measure(List<List<Run>> backends) {
        // The last start is the moment from which the queue is empty; until then no backend lacked work.
        long last = backends.stream()
                .flatMap(List::stream)
                .mapToLong(Run::start)
                .max()
                .orElseThrow();
        long first = backends.stream()
                .flatMap(List::stream)
                .mapToLong(Run::start)
                .min()
                .orElseThrow();
        int runs = 0;
        double busy = 0;
        double whole = 0;
        List<Double> gaps = new ArrayList<>();
        List<Double> lengths = new ArrayList<>();
        for (List<Run> backend : backends) {
            assertThat(backend).as("prompts of one backend").hasSizeGreaterThan(50);
            runs += backend.size();
            // A backend's last prompt may have found nothing behind it.
            whole += backend.getLast().start() - backend.getFirst().start();
            for (int i = 0; i < backend.size(); i++) {
                Run run = backend.get(i);
                lengths.add(run.millis());
                if (i + 1 < backend.size()) {
                    busy += run.end() - run.start();
                    gaps.add((backend.get(i + 1).start() - run.end()) / 1e6);
                }
            }
        }
        return new Round(runs, (runs - 1) / ((last - first) / 1e9), 1 - busy / whole, gaps, lengths);
    }

    /** The prompts that a simulator began after everything was submitted, oldest first. */
    private static List<Run> runs(URI simulator, long since) {
        List<Run> runs = new ArrayList<>();
        for (JsonNode run : new ApiClient(simulator).get("/simulator/runs").get("runs")) {
            if (run.get("start").asLong() >= since) {
                runs.add(new Run(run.get("start").asLong(), run.get("end").asLong()));
            }
        }
        runs.sort(Comparator.comparingLong(Run::start));
        return runs;
    }

    private List<String> submit(ApiClient api, String pool, int jobs, IntFunction<Map<String, Object>> graph)
            throws InterruptedException, ExecutionException {
        List<Future<String>> submitted = new ArrayList<>();
        try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            for (int i = 0; i < jobs; i++) {
                // No two alike, or the simulator would answer from its cache.
                int color = colors++;
                submitted.add(clients.submit(() -> api.submit(Map.of("workflow", graph.apply(color), "pool", pool))));
            }
        }
        List<String> ids = new ArrayList<>();
        for (Future<String> id : submitted) {
            ids.add(id.get());
        }
        return ids;
    }

    private static void awaitEmpty(ApiClient api) throws InterruptedException {
        while (api.get("/v1/jobs?limit=1&status=queued,running,canceling")
                        .get("count")
                        .asInt()
                > 0) {
            Thread.sleep(1_000);
        }
    }

    private static String table(List<Round> ones, List<Round> fours) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ROUNDS; i++) {
            ratios.add(fours.get(i).jobsPerSecond() / ones.get(i).jobsPerSecond());
        }
        return "| median of " + ROUNDS + " rounds | one backend | four backends |\n|---|---|---|\n"
                + row("prompts counted per round", "%.0f", ones, fours, Round::runs)
                + row("jobs/s", "%.2f", ones, fours, Round::jobsPerSecond)
                + row("GPU idle, %", "%.1f", ones, fours, round -> round.idle() * 100)
                + row("between two prompts, p50 ms", "%.1f", ones, fours, round -> Figures.percentile(round.gaps(), 50))
                + row("between two prompts, p99 ms", "%.1f", ones, fours, round -> Figures.percentile(round.gaps(), 99))
                + row("a prompt itself, p50 ms", "%.1f", ones, fours, round -> Figures.median(round.lengths()))
                + String.format(
                        Locale.ROOT,
                        "| jobs/s of four by jobs/s of one | 1 | %.2f (%.2f to %.2f) |%n",
                        Figures.median(ratios),
                        Figures.percentile(ratios, 0),
                        Figures.percentile(ratios, 100))
                + "\nMachine: " + PerformancePage.machine() + ".\n";
    }

    private interface Figure {
        double of(Round round);
    }

    private static String row(String name, String format, List<Round> ones, List<Round> fours, Figure figure) {
        return "| " + name + " | " + cell(format, ones, figure) + " | " + cell(format, fours, figure) + " |\n";
    }

    private static String cell(String format, List<Round> rounds, Figure figure) {
        return String.format(
                Locale.ROOT,
                format,
                Figures.median(rounds.stream().map(figure::of).toList()));
    }
}
