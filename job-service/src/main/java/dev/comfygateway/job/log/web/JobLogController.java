package dev.comfygateway.job.log.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.log.JobLog;
import dev.comfygateway.job.log.ReadJobLog;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** The log of a job, for its owner and for administrators. */
@RestController
class JobLogController {

    private final ReadJobLog readJobLog;

    JobLogController(ReadJobLog readJobLog) {
        this.readJobLog = readJobLog;
    }

    @GetMapping("/v1/jobs/{id}/logs")
    Mono<JobLog> log(Caller caller, @PathVariable String id) {
        caller.requireClient();
        return readJobLog
                .handle(id, caller)
                .switchIfEmpty(Mono.error(
                        () -> new ProblemException(ErrorCode.JOB_NOT_FOUND, "There is no job \"" + id + "\"")));
    }
}
