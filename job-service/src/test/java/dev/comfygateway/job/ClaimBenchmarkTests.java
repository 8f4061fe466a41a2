package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.job.claim.ClaimAttempt;
import dev.comfygateway.job.scheduling.ClaimStatements;
import dev.comfygateway.testing.Figures;
import dev.comfygateway.testing.PerformancePage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/**
 * How long a claim takes with a long queue, over HTTP, and how PostgreSQL finds the job. Writes the table of {@code
 * docs/operations/performance.md}; asserts only that every claim was granted.
 */
@Tag("bench")
@TestPropertySource(properties = {"comfy.job.lease.duration=2h", "comfy.job.workers.catch-up=1s"})
class ClaimBenchmarkTests extends JobServiceScenario {

    private static final int QUEUED = 100_000;
    private static final int TENANTS = 200;
    private static final int WARM_UP = 2_000;
    private static final int CLAIMS = 2_000;
    private static final int AT_ONCE = 8;
    private static final int RUNNING = 500;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int claims;

    @Autowired
    ClaimAttempt service;

    /** One way to ask; answers what was granted, if anything. */
    private interface Claiming {
        ClaimAnswer ask(ClaimRequest request) throws Exception;
    }

    @Test
    void measuresClaimsWithALongQueue() throws Exception {
        fill();
        measure(this::overHttp, pool, 1, WARM_UP, true);
        List<Double> empty = measure(this::overHttp, "nowhere", 1, CLAIMS, false);
        List<Double> inside = measure(this::inside, pool, 1, CLAIMS, true);
        List<Double> alone = measure(this::overHttp, pool, 1, CLAIMS, true);
        List<Double> many = measure(this::overHttp, pool, AT_ONCE, CLAIMS, true);
        PerformancePage.write("claims", ClaimBenchmarkTests.class, """
                | | p50 ms | p99 ms |
                |---|---|---|
                %s%s%s%s
                Machine: %s.

                ```
                %s
                ```
                """.formatted(
                        row("queue empty, one claim at a time", empty),
                        row("100,000 queued, one claim at a time, without HTTP", inside),
                        row("100,000 queued, one claim at a time", alone),
                        row("100,000 queued, " + AT_ONCE + " claims at a time", many),
                        PerformancePage.machine(),
                        plans()));
    }

    private static String row(String what, List<Double> millis) {
        return String.format(
                Locale.ROOT,
                "| %s | %.1f | %.1f |%n",
                what,
                Figures.percentile(millis, 50),
                Figures.percentile(millis, 99));
    }

    /** Three classes and as many ages and model files as a large installation may have. */
    private void fill() {
        run("""
                insert into jobs.job (id, tenant, pool, priority, status, queue_rank, queued_at, not_before, event_seq,
                    graph, inputs, metadata, allow_partial_outputs, attempts, failures, lost_workers, created_at,
                    submitted_by, models, estimate)
                select 'j_' || md5(i::text), 't' || (i %% %1$d), '%2$s', class, 'queued', class, clock_timestamp(),
                    clock_timestamp(), 1,
                    '{"1":{"class_type":"X","inputs":{"text":"' || repeat(md5(i::text), 60) || '"}}}', '[]', '{}',
                    false, 0, 0, 0, clock_timestamp() - i * interval '10 ms', 'k' || (i %% %1$d),
                    array['m' || (i %% 5)], 10
                from generate_series(1, %3$d) i,
                    lateral (select (array[10, 20, 20, 20, 30])[1 + (i / %1$d) %% 5] as class) classes
                """.formatted(TENANTS, pool, QUEUED));
        run("vacuum analyze jobs.job");
    }

    private void run(String sql) {
        database.sql(sql).then().block(Duration.ofMinutes(5));
    }

    private List<Double> measure(Claiming way, String ofPool, int atOnce, int number, boolean granted)
            throws Exception {
        List<Double> millis = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            for (int done = 0; done < number; done += RUNNING) {
                List<Future<Double>> running = new ArrayList<>();
                for (int i = 0; i < RUNNING; i++) {
                    int claim = ++claims;
                    running.add(threads.submit(() -> claim(way, ofPool, claim, granted)));
                }
                for (Future<Double> each : running) {
                    millis.add(each.get());
                }
                finish();
            }
        }
        return millis;
    }

    /** As if what was granted had ended, so that no more runs at once than in a large installation. */
    private void finish() {
        run("update jobs.attempt set ended_at = clock_timestamp() where ended_at is null");
        run("update jobs.job set status = 'succeeded', attempt_id = null, completed_at = clock_timestamp()"
                + " where status = 'running'");
    }

    private double claim(Claiming way, String ofPool, int number, boolean granted) throws Exception {
        ClaimRequest request = new ClaimRequest(
                "bench" + number, "w" + number % 50, "i", ofPool, null, null, List.of("m" + number % 5), null);
        long start = System.nanoTime();
        ClaimAnswer answer = way.ask(request);
        double millis = (System.nanoTime() - start) / 1e6;
        assertThat(answer.grant() != null).isEqualTo(granted);
        return millis;
    }

    private ClaimAnswer inside(ClaimRequest request) {
        return Objects.requireNonNull(service.handle(request).block());
    }

    private ClaimAnswer overHttp(ClaimRequest claim) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/internal/claims"))
                .header(
                        "Authorization",
                        "Bearer " + tokens.issue(Caller.worker(claim.workerId()), Duration.ofMinutes(1)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(claim)))
                .build();
        var answer = http.send(request, BodyHandlers.ofByteArray());
        assertThat(answer.statusCode()).isEqualTo(200);
        return json.readValue(answer.body(), ClaimAnswer.class);
    }

    /** Of the statements that every claim runs, and of the one that finds the lanes. */
    private String plans() {
        Map<String, String> values = Map.of(
                ":pool", "'" + pool + "'",
                ":tenants", "array['t1','t2','t3','t4']",
                ":ranks", "array[10,10,10,10]",
                ":halfLife", "600",
                ":oldest", "30000",
                ":worker", "''",
                ":needs", "'{}'::text[]",
                ":keys", "'{}'::text[]",
                ":without", "'{}'::text[]",
                ":tried", "'{}'::text[]");
        return List.of(ClaimStatements.LOAD, ClaimStatements.CANDIDATES, ClaimStatements.HEADS).stream()
                .map(sql -> explain(sql, values))
                .collect(Collectors.joining("\n\n"));
    }

    private String explain(String sql, Map<String, String> values) {
        String filled = sql;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replaceAll(value.getKey() + "\\b", value.getValue());
        }
        return String.join(
                "\n",
                Objects.requireNonNull(database.sql("explain (analyze, costs off, buffers off, summary on) " + filled)
                        .map(row -> Objects.requireNonNull(row.get(0, String.class)))
                        .all()
                        .collectList()
                        .block(Duration.ofMinutes(1))));
    }
}
