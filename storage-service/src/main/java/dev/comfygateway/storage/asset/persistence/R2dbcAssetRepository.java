package dev.comfygateway.storage.asset.persistence;

import dev.comfygateway.storage.asset.Asset;
import dev.comfygateway.storage.asset.AssetKind;
import dev.comfygateway.storage.asset.AssetRepository;
import dev.comfygateway.storage.asset.AssetState;
import io.r2dbc.spi.Readable;
import java.time.Instant;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.reactive.TransactionalOperator;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Assets in the schema {@code storage}. */
@Repository
class R2dbcAssetRepository implements AssetRepository {

    private static final String INSERT = """
            insert into storage.assets (id, tenant, kind, job_id, attempt_id, index, filename, object_key, content_type,
                size, sha256, state, created_at)
            values (:id, :tenant, :kind, :job, :attempt, :index, :filename, :key, :type, :size, :sha256, :state, :at)
            """;

    private final DatabaseClient database;
    private final TransactionalOperator transaction;

    R2dbcAssetRepository(DatabaseClient database, TransactionalOperator transaction) {
        this.database = database;
        this.transaction = transaction;
    }

    @Override
    public Mono<Void> add(Asset asset) {
        return bind(database.sql(INSERT), asset).then();
    }

    @Override
    public Mono<Asset> announce(Asset asset) {
        // The key of a pending output moves with its name: what was put under the old one is not looked for.
        return bind(database.sql(INSERT + """
                        on conflict (attempt_id, index) do update
                        set filename = excluded.filename, object_key = excluded.object_key,
                            content_type = excluded.content_type, size = excluded.size, sha256 = excluded.sha256
                        where assets.state = 'pending' and assets.tenant = excluded.tenant
                        returning *
                        """), asset)
                .map(R2dbcAssetRepository::asset)
                .one()
                .switchIfEmpty(Mono.defer(() -> ofPosition(asset)));
    }

    private Mono<Asset> ofPosition(Asset asset) {
        Asset.OutputSource source = asset.source();
        if (source == null) {
            return Mono.error(new IllegalArgumentException("Not an output: " + asset.id()));
        }
        return database.sql("select * from storage.assets where attempt_id = :attempt and index = :index")
                .bind("attempt", source.attemptId())
                .bind("index", source.index())
                .map(R2dbcAssetRepository::asset)
                .one();
    }

    @Override
    public Mono<Asset> find(String id) {
        return database.sql("select * from storage.assets where id = :id")
                .bind("id", id)
                .map(R2dbcAssetRepository::asset)
                .one();
    }

    @Override
    public Flux<Asset> findReady(String tenant, Collection<String> ids) {
        return database.sql(
                        "select * from storage.assets where tenant = :tenant and state = 'ready' and id = any(:ids)")
                .bind("tenant", tenant)
                .bind("ids", ids.toArray(String[]::new))
                .map(R2dbcAssetRepository::asset)
                .all();
    }

    @Override
    public Mono<Asset> markReady(String id, Instant at) {
        return database.sql("""
                        update storage.assets set state = 'ready', created_at = :at
                        where id = :id and state = 'pending' returning *
                        """)
                .bind("id", id)
                .bind("at", at)
                .map(R2dbcAssetRepository::asset)
                .one();
    }

    @Override
    public Mono<Void> discard(String id) {
        return database.sql("update storage.assets set state = 'discarded' where id = :id")
                .bind("id", id)
                .then();
    }

    @Override
    public Mono<Void> markRemoved(String id, Instant at) {
        return database.sql("update storage.assets set removed_at = :at where id = :id and state = 'discarded'")
                .bind("id", id)
                .bind("at", at)
                .then();
    }

    @Override
    public Flux<Asset> end(String jobId, @Nullable String winningAttemptId, Instant at) {
        Mono<Void> ended = bindNullable(database.sql("""
                                insert into storage.ended_jobs (job_id, winning_attempt_id, ended_at)
                                values (:job, :winner, :at) on conflict do nothing
                                """), "winner", winningAttemptId, String.class)
                .bind("job", jobId)
                .bind("at", at)
                .then();
        Flux<Asset> discarded = bindNullable(database.sql("""
                                update storage.assets set state = 'discarded'
                                where job_id = :job and kind = 'output' and removed_at is null
                                  and attempt_id is distinct from cast(:winner as text)
                                returning *
                                """), "winner", winningAttemptId, String.class)
                .bind("job", jobId)
                .map(R2dbcAssetRepository::asset)
                .all();
        return transaction.transactional(ended.thenMany(discarded));
    }

    @Override
    public Mono<Boolean> endedWithout(String jobId, String attemptId) {
        return database.sql("""
                        select count(*) as n from storage.ended_jobs
                        where job_id = :job and winning_attempt_id is distinct from :attempt
                        """)
                .bind("job", jobId)
                .bind("attempt", attemptId)
                .map(row -> required(row, "n", Long.class) > 0)
                .one();
    }

    private static DatabaseClient.GenericExecuteSpec bind(DatabaseClient.GenericExecuteSpec sql, Asset asset) {
        Asset.OutputSource source = asset.source();
        DatabaseClient.GenericExecuteSpec bound = sql.bind("id", asset.id())
                .bind("tenant", asset.tenant())
                .bind("kind", asset.kind().toString())
                .bind("filename", asset.filename())
                .bind("key", asset.objectKey())
                .bind("type", asset.contentType())
                .bind("size", asset.size())
                .bind("sha256", asset.sha256())
                .bind("state", asset.state().toString())
                .bind("at", asset.createdAt());
        bound = bindNullable(bound, "job", source == null ? null : source.jobId(), String.class);
        bound = bindNullable(bound, "attempt", source == null ? null : source.attemptId(), String.class);
        return bindNullable(bound, "index", source == null ? null : source.index(), Integer.class);
    }

    private static DatabaseClient.GenericExecuteSpec bindNullable(
            DatabaseClient.GenericExecuteSpec sql, String name, @Nullable Object value, Class<?> type) {
        return value == null ? sql.bindNull(name, type) : sql.bind(name, value);
    }

    private static Asset asset(Readable row) {
        AssetKind kind = AssetKind.valueOf(required(row, "kind", String.class).toUpperCase(Locale.ROOT));
        return new Asset(
                required(row, "id", String.class),
                required(row, "tenant", String.class),
                kind,
                kind == AssetKind.INPUT
                        ? null
                        : new Asset.OutputSource(
                                required(row, "job_id", String.class),
                                required(row, "attempt_id", String.class),
                                required(row, "index", Integer.class)),
                required(row, "filename", String.class),
                required(row, "object_key", String.class),
                required(row, "content_type", String.class),
                required(row, "size", Long.class),
                required(row, "sha256", String.class),
                AssetState.valueOf(required(row, "state", String.class).toUpperCase(Locale.ROOT)),
                required(row, "created_at", Instant.class));
    }

    private static <T> T required(Readable row, String column, Class<T> type) {
        T value = row.get(column, type);
        if (value == null) {
            throw new IllegalStateException("Column " + column + " is null");
        }
        return value;
    }
}
