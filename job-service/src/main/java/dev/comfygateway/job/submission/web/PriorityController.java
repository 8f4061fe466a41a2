package dev.comfygateway.job.submission.web;

import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.submission.JobView;
import dev.comfygateway.job.submission.ReadJobs;
import dev.comfygateway.job.submission.ReprioritizeJob;
import dev.comfygateway.job.workflow.Findings;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Changing what a waiting job is to the queue. */
@RestController
class PriorityController {

    private final ReprioritizeJob reprioritizeJob;
    private final ReadJobs readJobs;

    PriorityController(ReprioritizeJob reprioritizeJob, ReadJobs readJobs) {
        this.reprioritizeJob = reprioritizeJob;
        this.readJobs = readJobs;
    }

    @PatchMapping({"/v1/jobs/{id}", "/v1/jobs/{id}/priority"})
    Mono<JobView> change(Caller caller, @PathVariable String id, @RequestBody byte[] body) {
        caller.requireClient();
        Findings findings = new Findings();
        Priority priority = Priorities.read(SubmitJobRequestReader.parse(body), null, caller, findings);
        if (!findings.isEmpty()) {
            throw SubmitJobRequestReader.invalid(findings);
        }
        return reprioritizeJob
                .handle(id, priority, caller)
                .switchIfEmpty(Mono.error(() -> JobController.notFound(id)))
                .flatMap(result -> switch (result) {
                    case DONE -> readJobs.one(id, caller);
                    case NOT_WAITING ->
                        Mono.error(new ProblemException(ErrorCode.JOB_NOT_WAITING, "The job does not wait any more"));
                });
    }
}
