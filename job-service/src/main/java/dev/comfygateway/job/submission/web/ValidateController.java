package dev.comfygateway.job.submission.web;

import dev.comfygateway.edge.Caller;
import dev.comfygateway.job.submission.ValidateJob;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Tries a job without making it. */
@RestController
class ValidateController {

    private final SubmitJobRequestReader reader;
    private final ValidateJob validateJob;

    ValidateController(SubmitJobRequestReader reader, ValidateJob validateJob) {
        this.reader = reader;
        this.validateJob = validateJob;
    }

    /** Takes what {@code POST /v1/jobs} takes; assets, quotas and the length of the queue are not looked at. */
    @PostMapping("/v1/jobs:validate")
    Mono<ValidateJob.Verdict> validate(Caller caller, @RequestBody byte[] body) {
        caller.requireClient();
        return Mono.fromSupplier(() -> reader.read(body, caller, null, null)).flatMap(validateJob::handle);
    }
}
