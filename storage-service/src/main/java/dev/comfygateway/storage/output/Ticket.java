package dev.comfygateway.storage.output;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.storage.asset.AssetRepository;
import reactor.core.publisher.Mono;

/**
 * What the caller of a ticket may touch: one attempt, and the inputs of its tenant.
 *
 * @param tenant owner of the job
 * @param jobId the job
 * @param attemptId the attempt
 */
public record Ticket(String tenant, String jobId, String attemptId) {

    /** The caller's ticket; the problem {@code FORBIDDEN} when it has none. */
    public static Ticket of(Caller caller) {
        String job = caller.jobId();
        String attempt = caller.attemptId();
        if (caller.role() != Role.TICKET || job == null || attempt == null) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only for attempts");
        }
        return new Ticket(caller.tenant(), job, attempt);
    }

    /** Completes unless the job has ended otherwise than with this attempt. */
    Mono<Void> stillWanted(AssetRepository assets) {
        return assets.endedWithout(jobId, attemptId)
                .flatMap(ended -> ended ? Mono.error(Ticket::notWanted) : Mono.empty());
    }

    static ProblemException notWanted() {
        return new ProblemException(ErrorCode.FORBIDDEN, "The job has ended without this attempt");
    }
}
