package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;

/** Ends the work on an attempt with a failure that is reported as it is. */
public final class AttemptFailedException extends RuntimeException {

    private final Failure failure;

    public AttemptFailedException(Failure failure) {
        super(failure.code() + ": " + failure.message());
        this.failure = failure;
    }

    public AttemptFailedException(ErrorCode code, FailureCategory category, String message) {
        this(Failure.of(code, category, message));
    }

    public Failure failure() {
        return failure;
    }
}
