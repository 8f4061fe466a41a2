package dev.comfygateway.testing;

/** A queue as a large installation may have it, for benchmarks. */
public final class LongQueue {

    private LongQueue() {}

    /** Inserts waiting jobs of three classes and as many ages and model files; their graphs are of 2 KB. */
    public static String sql(String pool, int tenants, int jobs) {
        return """
                insert into jobs.job (id, tenant, pool, priority, status, queue_rank, queued_at, not_before, event_seq,
                    graph, inputs, metadata, allow_partial_outputs, attempts, failures, lost_workers, created_at,
                    submitted_by, models, estimate)
                select 'j_' || md5('%2$s' || i), 't' || (i %% %1$d), '%2$s', class, 'queued', class, clock_timestamp(),
                    clock_timestamp(), 1,
                    '{"1":{"class_type":"X","inputs":{"text":"' || repeat(md5(i::text), 60) || '"}}}', '[]', '{}',
                    false, 0, 0, 0, clock_timestamp() - i * interval '10 ms', 'k' || (i %% %1$d),
                    array['m' || (i %% 5)], 10
                from generate_series(1, %3$d) i,
                    lateral (select (array[10, 20, 20, 20, 30])[1 + (i / %1$d) %% 5] as class) classes
                """.formatted(tenants, pool, jobs);
    }
}
