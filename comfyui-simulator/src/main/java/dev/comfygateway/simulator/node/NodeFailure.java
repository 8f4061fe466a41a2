package dev.comfygateway.simulator.node;

/** A node that failed, with the Python exception type the real one would show. */
public final class NodeFailure extends Exception {

    private final String exceptionType;

    /** A failure of that type. */
    public NodeFailure(String exceptionType, String message) {
        super(message);
        this.exceptionType = exceptionType;
    }

    /** Python's name of the exception. */
    public String exceptionType() {
        return exceptionType;
    }

    /** The message without the tip the server may add. */
    public String text() {
        return String.valueOf(getMessage());
    }
}
