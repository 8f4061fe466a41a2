package dev.comfygateway.contract.job;

import java.util.Locale;

/** Priority class of a job. Within a class, submission order. */
public enum Priority {
    /** Before everybody else's work; only for those who may decide that. */
    URGENT(5),
    HIGH(10),
    NORMAL(20),
    LOW(30);

    private final int rank;

    Priority(int rank) {
        this.rank = rank;
    }

    /** Position among the classes as stored: lower runs first. Leaves room between classes. */
    public int rank() {
        return rank;
    }

    /** The class with that rank; throws {@link IllegalArgumentException} when there is none. */
    public static Priority ofRank(int rank) {
        for (Priority priority : values()) {
            if (priority.rank == rank) {
                return priority;
            }
        }
        throw new IllegalArgumentException("No priority has rank " + rank);
    }

    /**
     * Reads the wire form in any case, also {@code instructor}, as classrooms call the most urgent class; throws
     * {@link IllegalArgumentException} otherwise.
     */
    public static Priority parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return valueOf(upper.equals("INSTRUCTOR") ? "URGENT" : upper);
    }

    /** The wire form: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
