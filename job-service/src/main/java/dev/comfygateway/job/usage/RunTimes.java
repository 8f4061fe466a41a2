package dev.comfygateway.job.usage;

import dev.comfygateway.job.lifecycle.persistence.Columns;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Mono;

/** How long prompts took, by pool and shape, in Postgres. */
@Component
public class RunTimes {

    private final DatabaseClient database;
    private final UsageProperties settings;

    RunTimes(DatabaseClient database, UsageProperties settings) {
        this.database = database;
        this.settings = settings;
    }

    private record Known(String shape, Estimate estimate) {}

    /** By the most similar of the shapes that has run, else a guess. */
    public Mono<Estimate> estimate(String pool, List<String> shapes) {
        return database.sql("""
                        select shape, runs, log_mean, log_variance from jobs.run_time
                        where pool = :pool and shape = any(:shapes)
                        """)
                .bind("pool", pool)
                .bind("shapes", shapes.toArray(String[]::new))
                .map(row -> new Known(
                        Columns.text(row, "shape"),
                        Estimate.of(
                                Objects.requireNonNull(row.get("log_mean", Double.class)),
                                Objects.requireNonNull(row.get("log_variance", Double.class)),
                                Columns.number(row, "runs"))))
                .all()
                .collectList()
                .map(known -> {
                    Map<String, Estimate> byShape =
                            known.stream().collect(Collectors.toMap(Known::shape, Known::estimate));
                    return shapes.stream()
                            .map(byShape::get)
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElseGet(this::guess);
                });
    }

    private Estimate guess() {
        double seconds = settings.firstEstimate().toMillis() / 1000.0;
        return new Estimate(seconds, 3 * seconds, 0);
    }
}
