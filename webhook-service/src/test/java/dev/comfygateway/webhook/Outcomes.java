package dev.comfygateway.webhook;

import dev.comfygateway.contract.event.EventEnvelope;
import dev.comfygateway.contract.job.JobEvent.JobFailed;
import dev.comfygateway.contract.job.JobEvent.JobOutcome;
import dev.comfygateway.contract.job.JobEvent.JobSucceeded;
import dev.comfygateway.contract.job.JobEvent.OutcomeContext;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.id.Ids;
import dev.comfygateway.kafka.EventCatalog;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Outcomes of jobs as job-service publishes them. */
final class Outcomes {

    static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private Outcomes() {}

    static JobOutcome succeeded(String webhookUrl) {
        JobOutput output =
                new JobOutput("as_1", 0, "cat_00001.png", "image/png", 512, "00ff", "image", "9", false, false);
        return new JobSucceeded(
                Ids.newJobId(), 3, Instant.parse("2026-01-02T03:04:05Z"), "at_1", List.of(output), context(webhookUrl));
    }

    static JobOutcome failed(String webhookUrl) {
        Failure failure = Failure.of(ErrorCode.COMFYUI_OOM, FailureCategory.OUT_OF_MEMORY, "Out of memory");
        return new JobFailed(Ids.newJobId(), 3, Instant.parse("2026-01-02T03:04:05Z"), failure, context(webhookUrl));
    }

    static EventEnvelope<JobOutcome> envelope(JobOutcome outcome) {
        return new EventEnvelope<>(
                id(outcome),
                EventCatalog.typeOf(outcome),
                "/job-service",
                outcome.jobId(),
                outcome.at(),
                "acme",
                "00-" + TRACE + "-00f067aa0ba902b7-01",
                outcome);
    }

    static String id(JobOutcome outcome) {
        return outcome.jobId() + ":" + outcome.seq();
    }

    private static OutcomeContext context(String webhookUrl) {
        Instant created = Instant.parse("2026-01-02T03:04:00Z");
        return new OutcomeContext(
                "acme", "demo", Map.of("order", 7), webhookUrl, new JobTiming(created, created, created, 1200L), 1);
    }
}
