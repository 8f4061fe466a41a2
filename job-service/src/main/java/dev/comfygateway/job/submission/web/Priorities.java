package dev.comfygateway.job.submission.web;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.workflow.Findings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code priority} of a request. */
final class Priorities {

    private Priorities() {}

    /**
     * The class that is asked for, or the usual one.
     *
     * @param usual for a request that does not say; null when it must
     * @throws ProblemException when the caller may not ask for it
     */
    static Priority read(Map<String, Object> request, @Nullable Priority usual, Caller caller, Findings findings) {
        Object value = request.get("priority");
        if (value == null && usual != null) {
            return usual;
        }
        try {
            Priority priority = Priority.parse(String.valueOf(value));
            if (priority == Priority.URGENT && caller.role() != Role.ADMIN) {
                throw new ProblemException(ErrorCode.FORBIDDEN, "Only administrators may make a job urgent");
            }
            return priority;
        } catch (IllegalArgumentException e) {
            findings.add("/priority", "must be low, normal, high or urgent");
            return Priority.NORMAL;
        }
    }
}
