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

    private static final String ONLY_IF = "only_if";

    private final StringBuilder parts = new StringBuilder();
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final boolean conditional;
    private int count;

    /** Writes that are made in any case. */
    public WriteSet() {
        this.conditional = false;
    }

    private WriteSet(String condition) {
        this.conditional = true;
        parts.append("with " + ONLY_IF + " as (").append(condition).append(")");
    }

    /**
     * Writes that are made only if the condition, a select, finds its one row; otherwise none is. When it locks the row,
     * that is done before anything is written.
     */
    public static WriteSet onlyIf(String condition) {
        return new WriteSet(condition);
    }

    /**
     * Adds a statement; its parameters are bound by {@link #bind}. With a condition only an update or delete can be added
     * this way, and it must end with its {@code where}.
     */
    public WriteSet add(String sql) {
        if (conditional && sql.stripLeading().startsWith("insert")) {
            throw new IllegalStateException("This insert would be made in any case: " + sql);
        }
        return part(conditional ? sql + " and exists (select from " + ONLY_IF + ")" : sql);
    }

    /** Adds an insert of one row, with or without a condition. */
    public WriteSet insert(String tableAndColumns, String row) {
        return insert(tableAndColumns, row, "");
    }

    /** The same with an {@code on conflict} clause. */
    public WriteSet insert(String tableAndColumns, String row, String onConflict) {
        return part("insert into " + tableAndColumns + " select " + row + (conditional ? " from " + ONLY_IF : "") + " "
                + onConflict);
    }

    private WriteSet part(String sql) {
        parts.append(parts.isEmpty() ? "with " : ", ")
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

    /** Runs the statement, in the transaction it is subscribed in or in its own; false when nothing was written. */
    public Mono<Boolean> execute(DatabaseClient database) {
        return database.sql(parts + " select 1" + (conditional ? " from " + ONLY_IF : ""))
                .bindValues(values)
                .map(row -> true)
                .one()
                .defaultIfEmpty(false);
    }
}
