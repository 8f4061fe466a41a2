package dev.comfygateway.simulator.http;

import org.jspecify.annotations.Nullable;

/** An answer that the real server raises as an exception: a status and a plain text, without headers of any flag. */
final class RaisedException extends RuntimeException {

    private final int status;
    private final String text;
    private final @Nullable String allowed;

    RaisedException(int status, String text) {
        this(status, text, null);
    }

    private RaisedException(int status, String text, @Nullable String allowed) {
        super(text, null, false, false);
        this.status = status;
        this.text = text;
        this.allowed = allowed;
    }

    static RaisedException notFound() {
        return new RaisedException(404, "404: Not Found");
    }

    static RaisedException unauthorized() {
        return new RaisedException(401, "401: Unauthorized");
    }

    static RaisedException wrongMethod(String allowed) {
        return new RaisedException(405, "405: Method Not Allowed", allowed);
    }

    int status() {
        return status;
    }

    String text() {
        return text;
    }

    /** The methods that would do, for the header of that name. */
    @Nullable
    String allowed() {
        return allowed;
    }
}
