package dev.comfygateway.gateway.progress;

import dev.comfygateway.contract.attempt.AttemptRef;
import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.attempt.NodeCount;
import dev.comfygateway.contract.job.JobEvent;
import dev.comfygateway.contract.job.JobTiming;
import dev.comfygateway.contract.job.Priority;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import java.time.Instant;
import java.util.Map;

/** What can be heard of the job {@code j}. */
final class JobNews {

    static final Instant AT = Instant.EPOCH;

    private JobNews() {}

    static JobEvent submitted() {
        return new JobEvent.JobSubmitted("j", 1, AT, "default", Priority.NORMAL);
    }

    static JobEvent attempt(long seq, int number) {
        return new JobEvent.JobStarted("j", seq, AT, number, "at_" + number, "w");
    }

    static JobEvent requeued(long seq, int number) {
        return new JobEvent.JobRequeued(
                "j", seq, AT, number, Failure.of(ErrorCode.WORKER_LOST, FailureCategory.WORKER_LOST, "lost"), AT, null);
    }

    static JobEvent reprioritized(long seq) {
        return new JobEvent.JobReprioritized("j", seq, AT, Priority.HIGH);
    }

    static JobEvent canceled(long seq) {
        return new JobEvent.JobCanceled(
                "j",
                seq,
                AT,
                new JobEvent.OutcomeContext("t", null, Map.of(), null, new JobTiming(AT, null, AT, null), 1));
    }

    static AttemptReport node(int attempt, long n) {
        return new AttemptReport.NodeStarted(
                new AttemptRef("j", "at_" + attempt, attempt, "w"), n, AT, "3", "KSampler", new NodeCount(0, 1));
    }

    static AttemptReport progress(int attempt, long n) {
        return new AttemptReport.Progressed(
                new AttemptRef("j", "at_" + attempt, attempt, "w"),
                n,
                AT,
                "3",
                "KSampler",
                (int) n,
                100,
                new NodeCount(0, 1),
                n / 100.0);
    }
}
