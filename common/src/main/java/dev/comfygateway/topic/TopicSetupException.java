package dev.comfygateway.topic;

/** The topics could not be created. The message is one line for the operator. */
public final class TopicSetupException extends RuntimeException {

    public TopicSetupException(String message, Throwable cause) {
        super(message, cause);
    }
}
