package dev.comfygateway.job;

import dev.comfygateway.job.scheduling.ClaimStatements;
import dev.comfygateway.testing.LongQueue;
import dev.comfygateway.testing.PerformancePage;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How PostgreSQL finds the next job of a long queue. Writes the plans of {@code docs/operations/performance.md}; how
 * long a whole claim takes is measured over the packaged stack.
 */
@Tag("bench")
class ClaimPlansTests extends JobServiceScenario {

    private static final int QUEUED = 100_000;
    private static final int TENANTS = 200;
    private static final int RUNNING = 500;

    @Test
    void showsHowTheNextJobIsFound() throws Exception {
        fill();
        PerformancePage.write("claim plans", ClaimPlansTests.class, "```\n" + plans() + "\n```\n");
    }

    private void fill() {
        run(LongQueue.sql(pool, TENANTS, QUEUED));
        run("update jobs.job set status = 'running', attempt_id = 'a' where id in ("
                + "select id from jobs.job where status = 'queued' limit " + RUNNING + ")");
        run("vacuum analyze jobs.job");
    }

    private void run(String sql) {
        database.sql(sql).then().block(Duration.ofMinutes(5));
    }

    /** Of the statements that every claim runs, and of the one that finds the lanes. */
    private String plans() {
        Map<String, String> values = new HashMap<>(Map.of(
                ":tenant", "''",
                ":tenants", "array['t1','t2','t3','t4']",
                ":ranks", "array[10,10,10,10]",
                ":halfLife", "600",
                ":oldest", "30000",
                ":worker", "''",
                ":needs", "'{}'::text[]",
                ":keys", "'{}'::text[]",
                ":without", "'{}'::text[]",
                ":tried", "'{}'::text[]"));
        values.put(":rank", "-1");
        values.put(":pool", "'" + pool + "'");
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
