package dev.comfygateway.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.InternalTokens;
import dev.comfygateway.testing.Figures;
import dev.comfygateway.testing.LongQueue;
import dev.comfygateway.testing.PerformancePage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long a claim takes with a long queue, from a worker's request to its answer, in the packaged stack: one after
 * another as fast as they are answered, and at a steady rate, each timed from the moment it was due. The same with a
 * short queue and an empty one shows what of it the queue costs. Writes a table of {@code
 * docs/operations/performance.md}; asserts only that every claim was answered as it should be.
 */
@Tag("bench")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class ClaimsIT {

    private static final String LONG = "long";
    private static final String SHORT = "short";
    private static final int QUEUED = 100_000;
    private static final int TENANTS = 200;
    private static final int WARM_UP = 25_000;
    private static final int CLAIMS = 2_000;
    private static final int RUNNING = 500;
    private static final int STEADY = 50;

    @TempDir
    Path data;

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private int claims;

    /** Where claims are sent, and what is done behind the service's back. */
    private record Target(URI jobs, InternalTokens tokens, Connection database) {}

    @Test
    void measuresClaimsWithALongQueue() throws Exception {
        try (Stack stack = Stack.start(data, environment());
                Connection database = DriverManager.getConnection(
                        "jdbc:postgresql://" + stack.address("postgres") + "/comfygateway", "postgres", "postgres")) {
            Target target = new Target(
                    URI.create(stack.address("job-service")),
                    new InternalTokens(stack.secret("internal-token-secret"), Clock.systemUTC()),
                    database);
            Standalone.createTopics(stack.kafka(), LONG + "," + SHORT, data);
            run(database, LongQueue.sql(LONG, TENANTS, QUEUED + WARM_UP + 3 * CLAIMS));
            run(database, LongQueue.sql(SHORT, TENANTS, CLAIMS));
            run(database, "vacuum analyze jobs.job");
            warmUp(target);
            String table = "| | claims/s | p50 ms | p99 ms | within 10 ms in job-service |\n|---|---|---|---|---|\n"
                    + row("queue empty", atOnce(target, "default", 1, CLAIMS, false))
                    + row("2,000 queued, to none", atOnce(target, SHORT, 1, CLAIMS, true))
                    + row("100,000 queued", atOnce(target, LONG, 1, CLAIMS, true))
                    + row("100,000 queued, 8 at a time", atOnce(target, LONG, 8, CLAIMS, true))
                    + row("100,000 queued, " + STEADY + " due in each second", steady(target))
                    + "\nMachine: " + PerformancePage.machine() + ".\n";
            System.out.println(table);
            PerformancePage.write("claims", ClaimsIT.class, table);
        }
    }

    /** With every kind of load: for each, the compilers of all the machines begin anew. */
    private void warmUp(Target target) throws Exception {
        atOnce(target, LONG, 1, WARM_UP - 3 * CLAIMS, true);
        steady(target);
        atOnce(target, LONG, 8, CLAIMS, true);
        atOnce(target, LONG, 1, CLAIMS, true);
    }

    /** Nobody renews a lease here, and none may end before its job is put away. */
    private static Map<String, String> environment() {
        return Map.of("JOB_POOLS", "default," + LONG + "," + SHORT, "COMFY_JOB_LEASE_DURATION", "2h");
    }

    /**
     * What a series of claims showed.
     *
     * @param millis their times, as the client sees them
     * @param perSecond how many were answered in a second
     * @param quick share in percent that the service, by its own metric, answered within 10 ms
     */
    private record Series(List<Double> millis, double perSecond, double quick) {}

    /** Counts of the service's own metric. */
    private record Answered(double quickly, double all) {
        double quickSince(Answered before, int claims) {
            assertThat(all - before.all).as("claims by the metric").isEqualTo(claims);
            return 100 * (quickly - before.quickly) / (all - before.all);
        }
    }

    private Answered answered(Target target) throws IOException, InterruptedException {
        String metrics = http.send(
                        HttpRequest.newBuilder(target.jobs().resolve("/actuator/prometheus"))
                                .build(),
                        BodyHandlers.ofString())
                .body();
        return new Answered(
                sum(metrics, "comfy_claim_seconds_bucket", "le=\"0.01\""),
                sum(metrics, "comfy_claim_seconds_count", ""));
    }

    private static double sum(String metrics, String name, String label) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    private Series steady(Target target) throws Exception {
        Answered before = answered(target);
        List<Double> millis = new ArrayList<>();
        for (int done = 0; done < CLAIMS; done += RUNNING) {
            millis.addAll(atRate(target, STEADY, RUNNING));
            finish(target);
        }
        return new Series(millis, STEADY, answered(target).quickSince(before, CLAIMS));
    }

    private List<Double> atRate(Target target, int perSecond, int number)
            throws InterruptedException, ExecutionException {
        List<HttpRequest> requests = requests(target, LONG, number);
        List<Future<Double>> running = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            long first = System.nanoTime();
            for (int i = 0; i < number; i++) {
                HttpRequest request = requests.get(i);
                long due = first + i * TimeUnit.SECONDS.toNanos(1) / perSecond;
                long wait = due - System.nanoTime();
                if (wait > 0) {
                    LockSupport.parkNanos(wait);
                }
                running.add(threads.submit(() -> claim(request, due, true)));
            }
        }
        List<Double> millis = new ArrayList<>();
        for (Future<Double> each : running) {
            millis.add(each.get());
        }
        return millis;
    }

    private Series atOnce(Target target, String pool, int clients, int number, boolean granted) throws Exception {
        Answered before = answered(target);
        List<Double> millis = new ArrayList<>();
        long busy = 0;
        for (int done = 0; done < number; done += RUNNING) {
            List<HttpRequest> requests = requests(target, pool, RUNNING);
            List<Future<Double>> running = new ArrayList<>();
            long began = System.nanoTime();
            try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
                for (HttpRequest request : requests) {
                    running.add(threads.submit(() -> claim(request, System.nanoTime(), granted)));
                }
            }
            busy += System.nanoTime() - began;
            for (Future<Double> each : running) {
                millis.add(each.get());
            }
            finish(target);
        }
        return new Series(millis, number / (busy / 1e9), answered(target).quickSince(before, number));
    }

    /** Made before the time is taken, with their tokens. */
    private List<HttpRequest> requests(Target target, String pool, int number) {
        return Stream.generate(() -> request(target, pool)).limit(number).toList();
    }

    private HttpRequest request(Target target, String pool) {
        int number = ++claims;
        String worker = "w" + number % 50;
        return HttpRequest.newBuilder(target.jobs().resolve("/internal/claims"))
                .header(
                        "Authorization",
                        "Bearer " + target.tokens().issue(Caller.worker(worker), Duration.ofMinutes(1)))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(Json.write(Map.of(
                        "claimId",
                        "bench" + number,
                        "workerId",
                        worker,
                        "instanceId",
                        "i",
                        "pool",
                        pool,
                        "warmModels",
                        List.of("m" + number % 5)))))
                .build();
    }

    /** Asks once; answers the milliseconds since it was due. */
    private double claim(HttpRequest request, long due, boolean granted) throws IOException, InterruptedException {
        var answer = http.send(request, BodyHandlers.ofString());
        double millis = (System.nanoTime() - due) / 1e6;
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(Json.read(answer.body()).hasNonNull("grant"))
                .as(answer.body())
                .isEqualTo(granted);
        return millis;
    }

    /** As if what was granted had ended, so that no more runs at once than in a large installation. */
    private static void finish(Target target) throws SQLException {
        run(target.database(), "update jobs.attempt set ended_at = clock_timestamp() where ended_at is null");
        run(
                target.database(),
                "update jobs.job set status = 'succeeded', attempt_id = null, completed_at = clock_timestamp()"
                        + " where status = 'running'");
    }

    private static void run(Connection database, String sql) throws SQLException {
        try (Statement statement = database.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String row(String what, Series series) {
        return String.format(
                Locale.ROOT,
                "| %s | %.0f | %.1f | %.1f | %.1f %% |%n",
                what,
                series.perSecond(),
                Figures.percentile(series.millis(), 50),
                Figures.percentile(series.millis(), 99),
                series.quick());
    }
}
