package dev.comfygateway.worker.reporting;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import java.time.Duration;
import java.time.Instant;

/**
 * Says what happens to one attempt: numbered from 1, in order, nothing lost but steps within a node. Methods do not
 * block, except {@link #awaitDelivered}.
 */
public interface AttemptReporter {

    /** Makes a report out of the facts every report begins with. */
    @FunctionalInterface
    interface Draft {
        AttemptReport complete(AttemptRef attempt, long n, Instant at);
    }

    /** Numbers the report and sends it after all earlier ones. */
    void report(Draft draft);

    /** Nothing follows; what was not yet sent of a fenced attempt is dropped. */
    void discard();

    /** Waits until every report is acknowledged; false when the time was up first. */
    boolean awaitDelivered(Duration timeout) throws InterruptedException;
}
