package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.job.scheduling.Lane;
import dev.comfygateway.job.scheduling.QueueLanes;
import dev.comfygateway.testing.LongQueue;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** How soon job-service knows which tenants and classes have jobs waiting. */
class QueueLanesTests extends JobServiceScenario {

    @Test
    void knowsWithinASecondWhatAnotherReplicaHasQueued() {
        AtomicLong time = new AtomicLong();
        QueueLanes lanes = new QueueLanes(database, time::get);
        submit(graph(""), null, 202);
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(20);
        submit(graph(",\"priority\":\"high\""), null, 202);

        time.addAndGet(Duration.ofMillis(400).toNanos());
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(20);
        time.addAndGet(Duration.ofMillis(601).toNanos());
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(10, 20);
    }

    @Test
    void findsAllLanesHoweverMany() {
        database.sql(LongQueue.sql(pool, 150, 600)).then().block();
        record Of(String tenant, int rank) {}
        List<Of> expected = database.sql("select distinct tenant, queue_rank from jobs.job where pool = :pool")
                .bind("pool", pool)
                .map(row -> new Of(
                        Objects.requireNonNull(row.get(0, String.class)),
                        Objects.requireNonNull(row.get(1, Integer.class))))
                .all()
                .collectList()
                .block();

        assertThat(expected).hasSizeGreaterThan(200);
        assertThat(new QueueLanes(database, System::nanoTime).current(pool).block())
                .extracting(lane -> new Of(lane.tenant(), lane.rank()))
                .containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void readsLanesLessOftenWhenThatTakesLong() {
        AtomicLong time = new AtomicLong();
        AtomicLong step = new AtomicLong(Duration.ofMillis(20).toNanos());
        QueueLanes lanes = new QueueLanes(database, () -> time.getAndAdd(step.get()));
        submit(graph(""), null, 202);
        // The clock is asked before and after, so that this takes 20 ms.
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(20);
        step.set(0);
        submit(graph(",\"priority\":\"high\""), null, 202);

        time.addAndGet(Duration.ofMillis(1900).toNanos());
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(20);
        time.addAndGet(Duration.ofMillis(2200).toNanos());
        assertThat(lanes.current(pool).block()).extracting(Lane::rank).containsExactly(10, 20);
    }
}
