package dev.comfygateway.job.transaction;

import io.r2dbc.spi.Parameters;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.r2dbc.core.DatabaseClient;
import reactor.core.publisher.Mono;

/**
 * Writes that belong together, sent as one statement: the round trip of each would cost more than the write itself.
 * Every part sees the rows as they were before the statement, so none may build on another, and the order among them is
 * not defined. Used by one thread.
 */
public final class WriteSet {

    private final StringBuilder parts = new StringBuilder();
    private final Map<String, Object> values = new LinkedHashMap<>();
    private int count;

    /** Adds an insert, update or delete; its parameters are bound by {@link #bind}. */
    public WriteSet add(String sql) {
        parts.append(count == 0 ? "with " : ", ")
                .append("w")
                .append(count++)
                .append(" as (")
                .append(sql)
                .append(")");
        return this;
    }

    /** How many parts there are; makes the parameters of a part that occurs more than once unique. */
    public int size() {
        return count;
    }

    /** Binds a parameter; parts may share a name when they mean the same value. */
    public WriteSet bind(String name, Object value) {
        Object before = values.put(name, value);
        if (before != null && !Objects.equals(before, value)) {
            throw new IllegalStateException("Parameter " + name + " has two values");
        }
        return this;
    }

    /** Binds a parameter that may be absent. */
    public WriteSet bind(String name, @Nullable Object value, Class<?> type) {
        return bind(name, value == null ? Parameters.in(type) : value);
    }

    /** Runs the statement; part of the transaction it is subscribed in. */
    public Mono<Void> execute(DatabaseClient database) {
        return database.sql(parts + " select 1").bindValues(values).then();
    }
}
