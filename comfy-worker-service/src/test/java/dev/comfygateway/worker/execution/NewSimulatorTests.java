package dev.comfygateway.worker.execution;

import dev.comfygateway.worker.testing.SimulatorProcess;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The worker with the simulator that speaks as 0.33.0. */
class NewSimulatorTests extends ComfyContract {

    private static SimulatorProcess simulator;

    @BeforeAll
    static void start() {
        simulator = new SimulatorProcess("--comfy.simulator.dialect=new");
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @Override
    URI url() {
        return simulator.url();
    }
}
