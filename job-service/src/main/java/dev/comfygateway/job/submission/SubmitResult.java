package dev.comfygateway.job.submission;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FieldError;
import dev.comfygateway.job.quota.Admission;
import java.util.List;

/** How a submission ends. */
public sealed interface SubmitResult {

    /** The job is durable; or was, when the same request came before. */
    record Accepted(String jobId) implements SubmitResult {}

    /** The key was used with another body. */
    record KeyReused() implements SubmitResult {}

    /** The graph names assets that the tenant does not have. */
    record UnknownAssets(List<FieldError> errors) implements SubmitResult {
        public UnknownAssets {
            errors = List.copyOf(errors);
        }
    }

    /** No known worker of the pool can run the graph. */
    record NotRunnable(ErrorCode code, List<FieldError> errors) implements SubmitResult {
        public NotRunnable {
            errors = List.copyOf(errors);
        }
    }

    /** The queue or the key is full. */
    record Refused(Admission.Refusal refusal) implements SubmitResult {}

    /** The assets could not be looked up. */
    record StorageAway() implements SubmitResult {}
}
