package dev.comfygateway.simulator.http;

/** A request body over the limit. */
final class BodyTooLargeException extends RuntimeException {

    BodyTooLargeException(long limit) {
        super("Maximum request body size " + limit + " exceeded.");
    }
}
