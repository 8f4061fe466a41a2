package dev.comfygateway.standalone;

/** The stack cannot start. The message is the one line that the operator gets. */
final class StartFailure extends Exception {

    StartFailure(String message) {
        super(message);
    }
}
