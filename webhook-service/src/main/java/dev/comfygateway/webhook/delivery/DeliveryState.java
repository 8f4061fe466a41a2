package dev.comfygateway.webhook.delivery;

import java.util.Locale;

/** Where a delivery stands. */
public enum DeliveryState {
    /** Due now or later, or being sent. */
    PENDING,
    /** The receiver answered with a 2xx. */
    DELIVERED,
    /** Given up; only a redelivery sends it again. */
    FAILED;

    public static DeliveryState parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    /** The wire form: lower case. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
