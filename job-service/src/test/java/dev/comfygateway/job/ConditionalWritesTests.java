package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.job.transaction.WriteSet;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.springframework.r2dbc.core.DatabaseClient;

/** Writes that depend on a condition, against the database. */
class ConditionalWritesTests extends JobServiceScenario {

    @Test
    void makesAllOfThemOrNone() {
        database.sql("insert into jobs.tenant_usage (pool, tenant, gpu_seconds, at)"
                        + " values (:pool, 'before', 1, clock_timestamp())")
                .bind("pool", pool)
                .then()
                .block();

        assertThat(writes(false).execute(database).block()).isFalse();
        assertThat(usage()).containsExactly("before 1");
        assertThat(writes(true).execute(database).block()).isTrue();
        assertThat(usage()).containsExactly("added 3", "before 2");
    }

    private WriteSet writes(boolean met) {
        WriteSet writes = WriteSet.onlyIf("select 1 where :met").bind("met", met);
        writes.add("update jobs.tenant_usage set gpu_seconds = 2 where pool = :pool");
        return writes.insert(
                        "jobs.tenant_usage (pool, tenant, gpu_seconds, at)", ":pool, 'added', 3, clock_timestamp()")
                .bind("pool", pool);
    }

    private List<String> usage() {
        DatabaseClient.GenericExecuteSpec query = database.sql(
                        "select tenant || ' ' || gpu_seconds::int from jobs.tenant_usage where pool = :pool order by 1")
                .bind("pool", pool);
        return Objects.requireNonNull(query.map(row -> Objects.requireNonNull(row.get(0, String.class)))
                .all()
                .collectList()
                .block());
    }
}
