package dev.comfygateway.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.comfygateway.contract.attempt.AttemptReport.AttemptCanceled;
import dev.comfygateway.contract.attempt.AttemptReport.AttemptFailed;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What GPU time counts as used by its tenant. */
class ChargeTests extends JobServiceScenario {

    @Test
    void chargesATenantForARunItStopsAndNotForOneThatAWorkerLost() {
        String stopped = id(submit(graph(""), null, 202));
        Grant first = granted(claim("1"));
        assertThat(first.jobId()).isEqualTo(stopped);
        update("update jobs.job set started_at = started_at - interval '100 s' where id = :id", stopped);
        cancel(stopped);
        report(new AttemptCanceled(ref(first), 1, Instant.now()));
        awaitStatus(stopped, "canceled");
        double afterStop = usedSeconds();
        assertThat(afterStop).isBetween(90.0, 130.0);

        String lost = id(submit(graph(""), null, 202));
        Grant second = granted(claim("2"));
        update("update jobs.job set started_at = started_at - interval '1000 s' where id = :id", lost);
        report(new AttemptFailed(
                ref(second), 1, Instant.now(), failure(ErrorCode.PROMPT_LOST, FailureCategory.BACKEND_LOST)));
        awaitStatus(lost, "queued");
        assertThat(usedSeconds()).isLessThanOrEqualTo(afterStop);
    }

    private double usedSeconds() {
        return Objects.requireNonNull(
                database.sql("select gpu_seconds from jobs.tenant_usage where pool = :pool and tenant = :tenant")
                        .bind("pool", pool)
                        .bind("tenant", tenant)
                        .map(row -> Objects.requireNonNull(row.get(0, Double.class)))
                        .one()
                        .block());
    }
}
