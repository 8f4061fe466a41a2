package dev.comfygateway.job.outbox;

import dev.comfygateway.blocking.BlockingBridge;
import dev.comfygateway.contract.event.EventHeaders;
import dev.comfygateway.job.lifecycle.persistence.Columns;
import dev.comfygateway.kafka.EventCodec;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.observability.TraceContexts;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Publishes outbox rows in the order of their ids and deletes them once Kafka has them: the transaction that deletes
 * them ends after their acknowledgment. One relay of all replicas works at a time. A failure between the two publishes
 * rows again, with the same {@code ce_id}.
 */
@Component
public class OutboxRelay implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(OutboxRelay.class);
    private static final long LOCK = 0x6f7574626f78L;
    private static final int BATCH = 500;
    private static final int BUSY = -1;

    /**
     * Takes rows if no other relay works, and locks others out until the transaction ends: nothing when one does, at
     * least one row otherwise. Rows that another one has published since the statement began are gone by then, and are
     * not taken.
     */
    private static final String TAKE = """
            with relay as materialized (select 1 where pg_try_advisory_xact_lock(%d)),
            taken as (
                delete from jobs.outbox where id in (select id from jobs.outbox order by id limit %d)
                    and exists (select from relay)
                returning id, topic, key, headers, payload)
            select taken.* from relay left join taken on true
            """.formatted(LOCK, BATCH);

    private static final Duration BACKSTOP = Duration.ofSeconds(1);
    private static final Duration BUSY_PAUSE = Duration.ofMillis(25);
    private static final Duration LONGEST_ROUND = Duration.ofSeconds(60);
    private static final TypeReference<Map<String, String>> HEADERS = new TypeReference<>() {};

    private final DatabaseClient database;
    private final TransactionalOperator transactions;
    private final KafkaTemplate<String, byte[]> kafka;
    private final EventCodec codec;
    private final JsonMapper json;
    private final OutboxWakeUp wakeUp;
    private final TraceContexts traces;
    // Sending may wait for metadata, which an event loop must not.
    // Not disposed with a stop, after which there may be another start; idle, it holds no thread.
    private final Scheduler sending =
            Schedulers.fromExecutorService(Executors.newVirtualThreadPerTaskExecutor(), "outbox-send");
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong lagMillis = new AtomicLong();
    private volatile @Nullable Thread thread;
    private long measuredAt = System.nanoTime() - Duration.ofMinutes(1).toNanos();

    OutboxRelay(
            DatabaseClient database,
            TransactionalOperator transactions,
            KafkaTemplate<String, byte[]> kafka,
            EventCodec codec,
            JsonMapper json,
            OutboxWakeUp wakeUp,
            TraceContexts traces,
            MeterRegistry meters) {
        this.database = database;
        this.transactions = transactions;
        this.kafka = kafka;
        this.codec = codec;
        this.json = json;
        this.wakeUp = wakeUp;
        this.traces = traces;
        Gauge.builder(MetricNames.OUTBOX_PENDING, pending, AtomicLong::get).register(meters);
        Gauge.builder(MetricNames.OUTBOX_LAG, lagMillis, millis -> millis.get() / 1000.0)
                .register(meters);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Row(long id, String topic, String key, String headers, byte[] payload) {}

    @Override
    public void start() {
        // Known before it runs: the loop goes on only while it is the thread that is meant to.
        Thread next = Thread.ofVirtual().name("outbox-relay").unstarted(this::loop);
        thread = next;
        next.start();
    }

    @Override
    public void stop() {
        Thread running = thread;
        thread = null;
        if (running != null) {
            running.interrupt();
            try {
                running.join(Duration.ofSeconds(5));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void loop() {
        while (Thread.currentThread().equals(thread)) {
            try {
                int published = BlockingBridge.await(round(), LONGEST_ROUND).orElse(0);
                if (published == BUSY) {
                    wakeUp.await(BUSY_PAUSE);
                } else if (published < BATCH) {
                    measure();
                    wakeUp.await(BACKSTOP);
                }
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                if (!Thread.currentThread().equals(thread)) {
                    return;
                }
                log.warn("Outbox rows could not be published and are kept: {}", String.valueOf(e.getMessage()));
                try {
                    Thread.sleep(BACKSTOP);
                } catch (InterruptedException interrupted) {
                    return;
                }
            }
        }
    }

    private Mono<Integer> round() {
        // While Kafka is away this is rolled back each time: what it deletes is written and stays.
        return transactions.transactional(database.sql(TAKE)
                .map(OutboxRelay::row)
                .all()
                .collectList()
                .publishOn(sending)
                .flatMap(rows -> {
                    if (rows.isEmpty()) {
                        return Mono.just(BUSY);
                    }
                    List<Row> found = rows.stream()
                            .flatMap(Optional::stream)
                            .sorted(Comparator.comparingLong(Row::id))
                            .toList();
                    return send(found).thenReturn(found.size());
                }));
    }

    /** Empty for the row that only says that the lock is held. */
    private static Optional<Row> row(Readable row) {
        return row.get("id", Long.class) == null
                ? Optional.empty()
                : Optional.of(new Row(
                        Columns.large(row, "id"),
                        Columns.text(row, "topic"),
                        Columns.text(row, "key"),
                        Columns.text(row, "headers"),
                        Columns.bytes(row, "payload")));
    }

    private Mono<Void> send(List<Row> rows) {
        return Mono.defer(() -> {
            CompletableFuture<?>[] acks = rows.stream().map(this::send).toArray(CompletableFuture<?>[]::new);
            return Mono.fromFuture(CompletableFuture.allOf(acks));
        });
    }

    private CompletableFuture<?> send(Row row) {
        Map<String, String> headers = json.readValue(row.headers(), HEADERS);
        Observation observation = traces.continued(
                        MetricNames.OUTBOX_PUBLISH, "publish " + row.topic(), headers.get(EventHeaders.TRACEPARENT))
                .lowCardinalityKeyValue("topic", row.topic())
                .start();
        try {
            return kafka.send(codec.toRecord(row.topic(), row.key(), new EventCodec.Encoded(headers, row.payload())))
                    .whenComplete((sent, failure) -> {
                        if (failure != null) {
                            observation.error(failure);
                        }
                        observation.stop();
                    });
        } catch (RuntimeException e) {
            // Kafka's client throws what it knows at once, for example that there is no broker.
            observation.error(e);
            observation.stop();
            throw e;
        }
    }

    private void measure() {
        long now = System.nanoTime();
        if (now - measuredAt < Duration.ofSeconds(5).toNanos()) {
            return;
        }
        measuredAt = now;
        BlockingBridge.await(
                        database.sql("""
                                select count(*) as pending,
                                    coalesce(extract(epoch from clock_timestamp() - min(created_at)) * 1000, 0)::bigint as lag
                                from jobs.outbox
                                """)
                                .map(row -> new long[] {Columns.large(row, "pending"), Columns.large(row, "lag")})
                                .one(),
                        LONGEST_ROUND)
                .ifPresent(numbers -> {
                    pending.set(numbers[0]);
                    lagMillis.set(numbers[1]);
                });
    }
}
