package dev.comfygateway.worker.execution;

import dev.comfygateway.observability.MetricNames;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/** Measures the steps of attempts. */
final class AttemptSteps {

    /** One step of an attempt. */
    interface Step<T> {
        T run() throws InterruptedException;
    }

    private final ObservationRegistry observations;

    AttemptSteps(ObservationRegistry observations) {
        this.observations = observations;
    }

    /** Runs a step as a span of its own. */
    <T> T run(String name, Step<T> step) throws InterruptedException {
        Observation observation = Observation.createNotStarted(MetricNames.ATTEMPT_STEP, observations)
                .contextualName(name)
                .lowCardinalityKeyValue("step", name)
                .start();
        try (Observation.Scope _ = observation.openScope()) {
            return step.run();
        } catch (AttemptFailedException e) {
            observation.error(e);
            throw e;
        } finally {
            observation.stop();
        }
    }
}
