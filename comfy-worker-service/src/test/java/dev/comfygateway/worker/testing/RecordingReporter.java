package dev.comfygateway.worker.testing;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.worker.reporting.AttemptReporter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A fake that keeps what was reported. */
public final class RecordingReporter implements AttemptReporter {

    public final List<AttemptReport> reports = new CopyOnWriteArrayList<>();

    @Override
    public void report(Draft draft) {
        reports.add(draft.complete(new AttemptRef("j", "at", 1, "w"), reports.size() + 1L, Instant.EPOCH));
    }

    @Override
    public void discard() {}

    @Override
    public boolean awaitDelivered(Duration timeout) {
        return true;
    }
}
