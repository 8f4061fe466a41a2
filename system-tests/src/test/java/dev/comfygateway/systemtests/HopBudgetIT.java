package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.systemtests.TraceCollector.Hop;
import dev.comfygateway.testing.Figures;
import dev.comfygateway.testing.PerformancePage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Where the time of one near-instant job goes, hop by hop, read from its trace. Writes the table of {@code
 * docs/operations/performance.md}; asserts only that the figures are complete, never that they are good.
 */
@Tag("bench")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class HopBudgetIT {

    private static final int WARM_UP = 2000;
    private static final int JOBS = 300;

    @TempDir
    Path data;

    @Test
    void measuresEveryHopOfAJob() throws Exception {
        List<Double> untraced = new ArrayList<>();
        List<Double> totals = new ArrayList<>();
        try (TraceCollector collector = new TraceCollector()) {
            try (Stack stack = Stack.start(
                    data,
                    Map.of(
                            "OTEL_EXPORTER_OTLP_ENDPOINT",
                            collector.endpoint(),
                            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
                            collector.endpoint() + "/v1/traces",
                            // Only what the client asks to be traced.
                            "TRACING_SAMPLING",
                            "0"))) {
                warmUp(stack.api());
                for (int i = 0; i < JOBS; i++) {
                    untraced.add(millis(stack.api(), WARM_UP + i));
                }
                for (int i = 0; i < JOBS; i++) {
                    ApiClient traced = stack.api().traced("00-" + traceId(i) + "-00000000000000ff-01");
                    totals.add(millis(traced, WARM_UP + JOBS + i));
                }
            }
            // Every service exports its last spans while it stops.
            PerformancePage.write(
                    "hop budget",
                    HopBudgetIT.class,
                    table(collector, totals) + row("the same without a trace", untraced));
        }
    }

    /** Until the services run compiled: some thousand requests each. */
    private static void warmUp(ApiClient api) throws InterruptedException, ExecutionException {
        try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
            List<Future<?>> jobs = new ArrayList<>();
            for (int i = 0; i < WARM_UP; i++) {
                int color = i;
                jobs.add(clients.submit(() -> oneJob(api, color)));
            }
            for (Future<?> job : jobs) {
                job.get();
            }
        }
    }

    private static String traceId(int number) {
        return String.format(Locale.ROOT, "%032x", 0xC0FFEE0000L + number);
    }

    private static double millis(ApiClient api, int color) {
        long start = System.nanoTime();
        oneJob(api, color);
        return (System.nanoTime() - start) / 1e6;
    }

    private static void oneJob(ApiClient api, int color) {
        String jobId = api.submit(Map.of("workflow", Graphs.invert(64, 64, color)));
        JsonNode end = api.awaitEnd(jobId);
        api.download(end.at("/outputs/0/contentUrl").asString());
    }

    private static String table(TraceCollector collector, List<Double> totals) {
        Map<String, List<Double>> durations = new LinkedHashMap<>();
        Map<String, List<Double>> offsets = new LinkedHashMap<>();
        for (int i = 0; i < JOBS; i++) {
            List<Hop> trace = collector.traces().getOrDefault(traceId(i), List.of());
            assertThat(trace.stream().map(Hop::service).distinct())
                    .as("services in the trace of job %d", i)
                    .contains("gateway-service", "job-service", "comfy-worker-service", "storage-service");
            long origin = trace.stream().mapToLong(Hop::start).min().orElseThrow();
            for (Hop hop : trace) {
                String key = hop.service() + " | " + hop.name();
                durations.computeIfAbsent(key, k -> new ArrayList<>()).add(hop.millis());
                offsets.computeIfAbsent(key, k -> new ArrayList<>()).add((hop.start() - origin) / 1e6);
            }
        }
        int slowest = totals.indexOf(Collections.max(totals));
        System.out.println("The slowest job, " + totals.get(slowest) + " ms:");
        List<Hop> trace = collector.traces().getOrDefault(traceId(slowest), List.of());
        long origin = trace.stream().mapToLong(Hop::start).min().orElseThrow();
        trace.stream()
                .sorted(Comparator.comparingLong(Hop::start))
                .forEach(hop -> System.out.printf(
                        Locale.ROOT,
                        "%8.1f %8.1f ms  %s %s%n",
                        (hop.start() - origin) / 1e6,
                        hop.millis(),
                        hop.service(),
                        hop.name()));
        return table(durations, offsets, totals);
    }

    private static String table(
            Map<String, List<Double>> durations, Map<String, List<Double>> offsets, List<Double> totals) {
        StringBuilder text = new StringBuilder("| service | hop | per job | starts at p50 ms | p50 ms | p99 ms |\n")
                .append("|---|---|---|---|---|---|\n");
        durations.entrySet().stream()
                .sorted(Comparator.comparingDouble(
                        entry -> Figures.percentile(offsets.getOrDefault(entry.getKey(), List.of()), 50)))
                .forEach(entry -> text.append(String.format(
                        Locale.ROOT,
                        "| %s | %.1f | %.1f | %.2f | %.2f |%n",
                        entry.getKey(),
                        entry.getValue().size() / (double) totals.size(),
                        Figures.percentile(offsets.getOrDefault(entry.getKey(), List.of()), 50),
                        Figures.percentile(entry.getValue(), 50),
                        Figures.percentile(entry.getValue(), 99))));
        return text.append(row("submit to bytes, in all", totals)).toString();
    }

    private static String row(String name, List<Double> totals) {
        return String.format(
                Locale.ROOT,
                "| client | %s | 1.0 | 0.0 | %.2f | %.2f |%n",
                name,
                Figures.percentile(totals, 50),
                Figures.percentile(totals, 99));
    }
}
