package dev.comfygateway.contract.job;

import java.util.Locale;

/** The one spelling of a job's state inside the system and in our own API. Facades translate. */
public enum JobStatus {
    QUEUED,
    RUNNING,
    CANCELING,
    SUCCEEDED,
    FAILED,
    CANCELED,
    EXPIRED;

    /** Whether the job has its final outcome. */
    public boolean isTerminal() {
        return switch (this) {
            case QUEUED, RUNNING, CANCELING -> false;
            case SUCCEEDED, FAILED, CANCELED, EXPIRED -> true;
        };
    }

    /** Reads the wire form, also the spelling {@code cancelled}; throws {@link IllegalArgumentException} otherwise. */
    public static JobStatus parse(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        return valueOf(upper.equals("CANCELLED") ? "CANCELED" : upper);
    }

    /** The wire form: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
