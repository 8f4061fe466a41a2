package dev.comfygateway.contract.problem;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why an attempt or a job failed.
 *
 * @param code stable code
 * @param message safe for clients: no server paths, no tensors, no addresses of backends; cut at 10,000 characters
 * @param category coarse class, decides about a further attempt
 * @param retryable whether the client may send the same job again with hope
 * @param nodeId id of the graph node that failed, or null when no node is to blame
 * @param nodeClass class of that node, or null
 * @param errors single findings of a refused workflow; empty otherwise
 */
public record Failure(
        ErrorCode code,
        String message,
        FailureCategory category,
        boolean retryable,
        @Nullable String nodeId,
        @Nullable String nodeClass,
        List<FieldError> errors) {

    private static final int LONGEST_MESSAGE = 10_000;

    public Failure {
        message = message.length() <= LONGEST_MESSAGE ? message : Messages.cut(message, LONGEST_MESSAGE - 1);
        errors = List.copyOf(errors);
    }

    /** A failure that no single node is to blame for. */
    public static Failure of(ErrorCode code, FailureCategory category, String message) {
        return new Failure(code, message, category, code.retryable(), null, null, List.of());
    }
}
