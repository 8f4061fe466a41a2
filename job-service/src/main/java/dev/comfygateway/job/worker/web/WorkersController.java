package dev.comfygateway.job.worker.web;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.edge.Caller;
import dev.comfygateway.edge.ProblemException;
import dev.comfygateway.job.worker.ReadWorkers;
import dev.comfygateway.job.worker.WorkerDrains;
import dev.comfygateway.job.worker.WorkerView;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/** Which workers there are; administrators drain and resume them. */
@RestController
class WorkersController {

    private final ReadWorkers readWorkers;
    private final WorkerDrains drains;

    WorkersController(ReadWorkers readWorkers, WorkerDrains drains) {
        this.readWorkers = readWorkers;
        this.drains = drains;
    }

    /** Body of the answer. */
    record WorkerList(List<WorkerView> workers) {}

    @GetMapping("/v1/workers")
    Mono<WorkerList> list(Caller caller) {
        caller.requireClient();
        return readWorkers.list(caller).map(WorkerList::new);
    }

    @GetMapping("/v1/workers/{id}")
    Mono<WorkerView> one(Caller caller, @PathVariable String id) {
        caller.requireClient();
        return known(id, caller);
    }

    @PostMapping("/v1/workers/{id}/drain")
    Mono<WorkerView> drain(Caller caller, @PathVariable String id) {
        caller.requireAdministrator();
        return known(id, caller)
                .flatMap(worker -> drains.drain(id, caller.subject()))
                .then(Mono.defer(() -> known(id, caller)));
    }

    @PostMapping("/v1/workers/{id}/resume")
    Mono<WorkerView> resume(Caller caller, @PathVariable String id) {
        caller.requireAdministrator();
        return known(id, caller)
                .flatMap(worker -> drains.resume(id, caller.subject()))
                .then(Mono.defer(() -> known(id, caller)));
    }

    private Mono<WorkerView> known(String id, Caller caller) {
        return readWorkers
                .one(id, caller)
                .switchIfEmpty(Mono.error(() ->
                        new ProblemException(ErrorCode.WORKER_NOT_FOUND, "No worker \"" + id + "\" was seen lately")));
    }
}
