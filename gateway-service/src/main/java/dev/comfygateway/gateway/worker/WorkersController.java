package dev.comfygateway.gateway.worker;

import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Which workers there are. */
@RestController
class WorkersController {

    private final Workers workers;

    WorkersController(Workers workers) {
        this.workers = workers;
    }

    /** Body of the answer. */
    record WorkerList(List<WorkerView> workers) {}

    @GetMapping("/v1/workers")
    WorkerList workers() {
        return new WorkerList(workers.list());
    }
}
