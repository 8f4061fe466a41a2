package dev.comfygateway.job.claim.web;

import dev.comfygateway.contract.claim.ClaimAnswer;
import dev.comfygateway.contract.claim.ClaimRequest;
import dev.comfygateway.contract.claim.LeaseAnswer;
import dev.comfygateway.contract.claim.LeaseRenewal;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.edge.Role;
import dev.comfygateway.job.claim.ClaimAttempt;
import dev.comfygateway.job.claim.RenewLeases;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** What workers ask for. */
@RestController
class WorkerController {

    private final ClaimAttempt claimAttempt;
    private final RenewLeases renewLeases;

    WorkerController(ClaimAttempt claimAttempt, RenewLeases renewLeases) {
        this.claimAttempt = claimAttempt;
        this.renewLeases = renewLeases;
    }

    @PostMapping("/internal/claims")
    Mono<ClaimAnswer> claim(Caller caller, @RequestBody ClaimRequest request) {
        worker(caller, request.workerId());
        return claimAttempt.handle(request);
    }

    @PostMapping("/internal/leases")
    Mono<LeaseAnswer> renew(Caller caller, @RequestBody LeaseRenewal renewal) {
        worker(caller, renewal.workerId());
        return renewLeases.handle(renewal);
    }

    private static void worker(Caller caller, String workerId) {
        if (caller.role() != Role.WORKER || !caller.subject().equals(workerId)) {
            throw new ProblemException(ErrorCode.FORBIDDEN, "Only the worker itself may do this");
        }
    }
}
