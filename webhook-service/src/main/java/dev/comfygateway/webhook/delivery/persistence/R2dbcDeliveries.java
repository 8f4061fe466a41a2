package dev.comfygateway.webhook.delivery.persistence;

import dev.comfygateway.webhook.delivery.Deliveries;
import dev.comfygateway.webhook.delivery.Delivery;
import dev.comfygateway.webhook.delivery.DeliveryState;
import dev.comfygateway.webhook.delivery.DueDelivery;
import dev.comfygateway.webhook.delivery.NewDelivery;
import io.r2dbc.spi.Parameters;
import io.r2dbc.spi.R2dbcType;
import io.r2dbc.spi.Readable;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Deliveries in the table {@code webhooks.deliveries}. All times are the database's, so that replicas agree. */
@Component
final class R2dbcDeliveries implements Deliveries {

    private final DatabaseClient database;

    R2dbcDeliveries(DatabaseClient database) {
        this.database = database;
    }

    @Override
    public Mono<Boolean> add(NewDelivery delivery) {
        return database.sql("""
                        insert into webhooks.deliveries (id, job_id, tenant, url, event, body, traceparent)
                        values (:id, :jobId, :tenant, :url, :event, :body, :traceparent)
                        on conflict (id) do nothing""")
                .bind("id", delivery.id())
                .bind("jobId", delivery.jobId())
                .bind("tenant", delivery.tenant())
                .bind("url", delivery.url())
                .bind("event", delivery.event())
                .bind("body", delivery.body())
                .bind("traceparent", Parameters.in(R2dbcType.VARCHAR, delivery.traceparent()))
                .fetch()
                .rowsUpdated()
                .map(rows -> rows == 1);
    }

    @Override
    public Flux<DueDelivery> takeDue(int limit, Duration lease) {
        return database.sql("""
                        update webhooks.deliveries d
                        set attempts = d.attempts + 1, lease = gen_random_uuid(),
                            leased_until = now() + make_interval(secs => cast(:lease as double precision))
                        from (select id from webhooks.deliveries
                              where state = 'pending' and next_attempt_at <= now()
                                and (leased_until is null or leased_until <= now())
                              order by next_attempt_at limit :limit for update skip locked) due
                        where d.id = due.id
                        returning d.id, d.job_id, d.url, d.event, d.body, d.attempts, d.lease, d.traceparent""")
                .bind("lease", seconds(lease))
                .bind("limit", limit)
                .map(row -> new DueDelivery(
                        required(row, "id", String.class),
                        required(row, "job_id", String.class),
                        required(row, "url", String.class),
                        required(row, "event", String.class),
                        required(row, "body", byte[].class),
                        required(row, "attempts", Integer.class),
                        required(row, "lease", UUID.class),
                        row.get("traceparent", String.class)))
                .all();
    }

    @Override
    public Mono<Void> markDelivered(DueDelivery delivery, int status) {
        return end(delivery, DeliveryState.DELIVERED, status, null);
    }

    @Override
    public Mono<Void> markFailed(DueDelivery delivery, @Nullable Integer status, String error) {
        return end(delivery, DeliveryState.FAILED, status, error);
    }

    private Mono<Void> end(
            DueDelivery delivery, DeliveryState state, @Nullable Integer status, @Nullable String error) {
        return database.sql("""
                        update webhooks.deliveries
                        set state = :state, last_status = :status, last_error = :error, ended_at = now(),
                            lease = null, leased_until = null
                        where id = :id and lease = :lease""")
                .bind("state", state.toString())
                .bind("status", Parameters.in(R2dbcType.INTEGER, status))
                .bind("error", Parameters.in(R2dbcType.VARCHAR, error))
                .bind("id", delivery.id())
                .bind("lease", delivery.lease())
                .then();
    }

    @Override
    public Mono<Void> markForRetry(DueDelivery delivery, @Nullable Integer status, String error, Duration delay) {
        return database.sql("""
                        update webhooks.deliveries
                        set last_status = :status, last_error = :error,
                            next_attempt_at = now() + make_interval(secs => cast(:delay as double precision)),
                            lease = null, leased_until = null
                        where id = :id and lease = :lease""")
                .bind("status", Parameters.in(R2dbcType.INTEGER, status))
                .bind("error", error)
                .bind("delay", seconds(delay))
                .bind("id", delivery.id())
                .bind("lease", delivery.lease())
                .then();
    }

    @Override
    public Flux<Delivery> ofJob(String jobId) {
        return database.sql("select * from webhooks.deliveries where job_id = :jobId order by created_at, id")
                .bind("jobId", jobId)
                .map(R2dbcDeliveries::delivery)
                .all();
    }

    @Override
    public Mono<Delivery> find(String id) {
        return database.sql("select * from webhooks.deliveries where id = :id")
                .bind("id", id)
                .map(R2dbcDeliveries::delivery)
                .one();
    }

    @Override
    public Mono<Void> reset(String id) {
        return database.sql("""
                        update webhooks.deliveries
                        set state = 'pending', attempts = 0, next_attempt_at = now(), ended_at = null,
                            lease = null, leased_until = null
                        where id = :id and (leased_until is null or leased_until <= now())""").bind("id", id).then();
    }

    @Override
    public Mono<Long> countPending() {
        return database.sql("select count(*) as pending from webhooks.deliveries where state = 'pending'")
                .map(row -> required(row, "pending", Long.class))
                .one();
    }

    private static Delivery delivery(Readable row) {
        return new Delivery(
                required(row, "id", String.class),
                required(row, "job_id", String.class),
                required(row, "tenant", String.class),
                required(row, "url", String.class),
                DeliveryState.parse(required(row, "state", String.class)),
                required(row, "attempts", Integer.class),
                row.get("last_status", Integer.class),
                row.get("last_error", String.class),
                required(row, "created_at", Instant.class),
                required(row, "next_attempt_at", Instant.class));
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    private static <T> T required(Readable row, String column, Class<T> type) {
        return Objects.requireNonNull(row.get(column, type), column);
    }
}
