package dev.comfygateway.kafka;

import org.jspecify.annotations.Nullable;

/** A record that is no event of ours. Such records go to the dead-letter topic; retrying cannot help. */
public final class UndecodableEventException extends RuntimeException {

    public UndecodableEventException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
