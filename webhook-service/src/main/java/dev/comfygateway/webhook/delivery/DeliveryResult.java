package dev.comfygateway.webhook.delivery;

import org.jspecify.annotations.Nullable;

/** How one try ended. */
public sealed interface DeliveryResult {

    /** The receiver took it. */
    record Accepted(int status) implements DeliveryResult {}

    /**
     * The receiver did not take it.
     *
     * @param reason class of the failure
     * @param status HTTP status, or null when there was no answer
     * @param detail what happened, for people
     * @param retryable whether another try has a point
     */
    record Refused(FailureReason reason, @Nullable Integer status, String detail, boolean retryable)
            implements DeliveryResult {

        /** The form that is stored and shown. */
        public String text() {
            return (status == null ? reason.name() : reason.name() + " " + status)
                    + (detail.isEmpty() ? "" : ": " + detail);
        }
    }
}
