package dev.comfygateway.edge;

import java.util.Locale;

/** What a caller may do. */
public enum Role {
    /** Creates jobs and sees its own tenant's. */
    USER,
    /** Sees and changes everything. */
    ADMIN,
    /** A GPU worker. */
    WORKER,
    /** Another of our services. */
    SERVICE,
    /** The bytes of exactly one attempt. */
    TICKET;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Role parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
