package dev.comfygateway.storage;

import org.junit.jupiter.api.Test;

/** What the service says about its own health. */
class HealthTests extends RunningStorageService {

    @Test
    void isHealthyWhileTheBucketAnswers() {
        web.get().uri("/actuator/health").exchange().expectStatus().isOk();
        web.get().uri("/actuator/health/readiness").exchange().expectStatus().isOk();
    }
}
