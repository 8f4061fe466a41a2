package dev.comfygateway.cli;

/** The command cannot go on. The message is the one line that the user gets. */
final class CommandFailure extends RuntimeException {

    CommandFailure(String message) {
        super(message);
    }
}
