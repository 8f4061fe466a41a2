package dev.comfygateway.job.lifecycle.persistence;

import io.r2dbc.spi.Readable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Reads columns that are never null in the schema. */
public final class Columns {

    private Columns() {}

    public static String text(Readable row, String column) {
        return present(row.get(column, String.class), column);
    }

    public static int number(Readable row, String column) {
        return present(row.get(column, Integer.class), column);
    }

    public static long large(Readable row, String column) {
        return present(row.get(column, Long.class), column);
    }

    public static double real(Readable row, String column) {
        return present(row.get(column, Double.class), column);
    }

    public static byte[] bytes(Readable row, String column) {
        return present(row.get(column, byte[].class), column);
    }

    public static Instant time(Readable row, String column) {
        return present(row.get(column, Instant.class), column);
    }

    private static <T> T present(@Nullable T value, String column) {
        if (value == null) {
            throw new IllegalStateException("Column " + column + " is null");
        }
        return value;
    }
}
