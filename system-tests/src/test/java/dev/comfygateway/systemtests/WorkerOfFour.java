package dev.comfygateway.systemtests;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A second worker in a pool of its own, which drives four simulated ComfyUI servers. */
final class WorkerOfFour implements AutoCloseable {

    static final String POOL = "four";
    private static final int BACKENDS = 4;

    private final List<Packaged> started = new ArrayList<>();
    private final List<URI> simulators = new ArrayList<>();

    private WorkerOfFour() {}

    /** Starts them beside a stack whose job-service knows the pool. */
    static WorkerOfFour start(Stack stack, Path logs) throws IOException, InterruptedException {
        // As for a cluster: the launcher knows only the default pool.
        Standalone.createTopics(stack.kafka(), POOL, logs);
        WorkerOfFour all = new WorkerOfFour();
        try {
            for (int i = 1; i <= BACKENDS; i++) {
                Packaged simulator = Packaged.start("comfyui-simulator", "simulator-" + i, logs, "/prompt", Map.of());
                all.started.addFirst(simulator);
                all.simulators.add(simulator.address());
            }
            all.started.addFirst(Packaged.start(
                    "comfy-worker-service",
                    "worker-of-four",
                    logs,
                    "/actuator/health/readiness",
                    Map.of(
                            "COMFYUI_URL",
                            all.simulators.stream().map(URI::toString).collect(Collectors.joining(",")),
                            "WORKER_ID",
                            "worker-of-four",
                            "WORKER_POOL",
                            POOL,
                            "WORKER_SPOOL_DIR",
                            logs.resolve("spool").toString(),
                            "KAFKA_BOOTSTRAP_SERVERS",
                            stack.kafka(),
                            "JOB_SERVICE_URL",
                            stack.address("job-service"),
                            "STORAGE_SERVICE_URL",
                            stack.address("storage-service"),
                            "INTERNAL_TOKEN_SECRET",
                            stack.secret("internal-token-secret"))));
            return all;
        } catch (AssertionError e) {
            all.close();
            throw e;
        }
    }

    List<URI> simulators() {
        return List.copyOf(simulators);
    }

    @Override
    public void close() {
        started.forEach(Packaged::close);
    }
}
