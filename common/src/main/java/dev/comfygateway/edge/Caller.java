package dev.comfygateway.edge;

import dev.comfygateway.contract.problem.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Who is calling, as proven by an internal token.
 *
 * @param subject key id, worker id or service name; for logs and audit
 * @param tenant whose data the caller may see; {@code *} for workers and services
 * @param role what it may do
 * @param jobId the job a ticket is for, or null
 * @param attemptId the attempt a ticket is for, or null
 */
public record Caller(
        String subject,
        String tenant,
        Role role,
        @Nullable String jobId,
        @Nullable String attemptId) {

    /** Tenant of callers that belong to none. */
    public static final String ANY_TENANT = "*";

    public static Caller user(String subject, String tenant, Role role) {
        return new Caller(subject, tenant, role, null, null);
    }

    public static Caller service(String name) {
        return new Caller(name, ANY_TENANT, Role.SERVICE, null, null);
    }

    public static Caller worker(String workerId) {
        return new Caller(workerId, ANY_TENANT, Role.WORKER, null, null);
    }

    /** May read and write one attempt's bytes in storage-service, nothing else. */
    public static Caller ticket(String tenant, String jobId, String attemptId) {
        return new Caller(attemptId, tenant, Role.TICKET, jobId, attemptId);
    }

    /** Throws a {@link ProblemException} (403) unless this is a client, with whatever key. */
    public void requireClient() {
        if (role != Role.USER && role != Role.ADMIN) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only clients may do this");
        }
    }

    /** Throws a {@link ProblemException} (403) unless this is an administrator. */
    public void requireAdministrator() {
        if (role != Role.ADMIN) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only administrators may do this");
        }
    }

    /** Whether the caller may see data of the tenant: its own, or any for an admin or one of our services. */
    public boolean maySee(String otherTenant) {
        return switch (role) {
            case ADMIN, SERVICE -> true;
            case USER, TICKET -> tenant.equals(otherTenant);
            case WORKER -> false;
        };
    }
}
