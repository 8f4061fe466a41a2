package dev.comfygateway.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;

@TestPropertySource(properties = {"comfy.simulator.faults=true", "comfy.simulator.start-delay=1h"})
class StartDelayTests extends SimulatorTestSupport {

    @Test
    void answersOnlyWhenItHasStarted() {
        assertThat(send(request("/prompt")).statusCode()).isEqualTo(503);
        assertThat(send(request("/api/object_info")).statusCode()).isEqualTo(503);

        send(request("/simulator/faults").DELETE());

        assertThat(send(request("/prompt")).statusCode()).isEqualTo(200);
    }
}
