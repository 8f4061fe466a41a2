package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.observability.TraceContexts;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.output.InputLoader;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.OutputStore;
import dev.comfygateway.worker.output.SharedFolder;
import dev.comfygateway.worker.reporting.AttemptReporter;
import dev.comfygateway.worker.reporting.AttemptReporters;
import dev.comfygateway.worker.reporting.PreviewPublisher;
import dev.comfygateway.worker.settings.ExecutionProperties;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;

/**
 * Runs attempts, each on a virtual thread of its own, from the grant to the acknowledged final report. Whatever
 * happens, an attempt ends with exactly one final report, unless it is fenced: then with none.
 */
@Component
public final class AttemptRunner {

    private static final Logger log = LoggerFactory.getLogger(AttemptRunner.class);
    private static final Duration TURN = Duration.ofMillis(250);

    private final HeldAttempts held;
    private final AttemptReporters reporters;
    private final AttemptWork.Tools tools;
    private final TraceContexts traces;

    public AttemptRunner(
            HeldAttempts held,
            InputLoader inputs,
            OutputFetcher fetcher,
            OutputStore store,
            AttemptReporters reporters,
            PreviewPublisher previews,
            SharedFolder shared,
            ExecutionProperties settings,
            TraceContexts traces,
            ObservationRegistry observations) {
        this.held = held;
        this.reporters = reporters;
        this.tools = new AttemptWork.Tools(
                inputs, fetcher, store, previews, shared, settings, new AttemptSteps(observations));
        this.traces = traces;
    }

    /** Takes the attempt into the lease renewals. False when it is held already. */
    public boolean hold(Attempt attempt) {
        return held.add(attempt);
    }

    /** Begins an attempt that is held, and takes over the prepare permit of its backend. */
    public void start(Attempt attempt) {
        attempt.backend().slot().beginPrepare();
        Thread.ofVirtual().name("attempt-" + attempt.id()).start(() -> run(attempt));
    }

    private void run(Attempt attempt) {
        Grant grant = attempt.grant();
        Observation observation = traces.continued(MetricNames.ATTEMPT_DURATION, "execute attempt", grant.traceparent())
                .lowCardinalityKeyValue("outcome", "unknown")
                .highCardinalityKeyValue(LogKeys.JOB_ID, grant.jobId())
                .start();
        Run run = null;
        try (Observation.Scope _ = observation.openScope()) {
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                    .addKeyValue(LogKeys.ATTEMPT_NUMBER, grant.number())
                    .addKeyValue(LogKeys.BACKEND_ID, attempt.backend().id())
                    .log("Attempt started");
            run = new Run(attempt, reporters.open(grant, traces.current()));
            String outcome = run.toTheEnd();
            observation.lowCardinalityKeyValue("outcome", outcome);
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                    .addKeyValue(LogKeys.ATTEMPT_NUMBER, grant.number())
                    .addKeyValue("outcome", outcome)
                    .log("Attempt ended");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            observation.stop();
            if (run != null) {
                run.work.releaseAll();
            } else {
                attempt.backend().breaker().releasePermission();
                attempt.backend().slot().releasePrepare();
            }
            held.remove(attempt);
        }
    }

    /** One attempt under way, from its work to the last report about it. */
    private final class Run {

        private final Attempt attempt;
        private final Grant grant;
        private final AttemptReporter reporter;
        private final AttemptWork work;

        Run(Attempt attempt, AttemptReporter reporter) {
            this.attempt = attempt;
            this.grant = attempt.grant();
            this.reporter = reporter;
            this.work = new AttemptWork(attempt, reporter, tools);
        }

        String toTheEnd() throws InterruptedException {
            long began = System.nanoTime();
            String outcome = work(began);
            work.releaseAll();
            work.forgetPrompts();
            work.removeFiles();
            if (!outcome.equals("fenced")) {
                tools.steps().run("report", () -> {
                    awaitDelivered();
                    return outcome;
                });
            }
            return outcome;
        }

        /** Does everything, and leaves one final report with the reporter. */
        private String work(long began) throws InterruptedException {
            CircuitBreaker breaker = attempt.backend().breaker();
            boolean judged = false;
            try {
                work.produce();
                judged = true;
                breaker.onSuccess(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                return "succeeded";
            } catch (AttemptStoppedException e) {
                return stopped(e.reason());
            } catch (AttemptFailedException e) {
                if (attempt.stopReason() == StopReason.FENCED) {
                    return stopped(StopReason.FENCED);
                }
                Failure failure = e.failure();
                if (speaksAgainstTheServer(failure)) {
                    judged = true;
                    breaker.onError(System.nanoTime() - began, TimeUnit.NANOSECONDS, e);
                } else if (work.prompted() && failure.category() != FailureCategory.STORAGE) {
                    // It did what it could: a bad graph says nothing against it.
                    judged = true;
                    breaker.onSuccess(System.nanoTime() - began, TimeUnit.NANOSECONDS);
                }
                return failed(failure);
            } catch (RestClientException | ComfyAnswerException e) {
                log.atWarn()
                        .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                        .log("ComfyUI failed the attempt: {}", e.getClass().getSimpleName());
                judged = true;
                breaker.onError(System.nanoTime() - began, TimeUnit.NANOSECONDS, e);
                return failed(PromptFailures.unreachable().failure());
            } catch (RuntimeException e) {
                log.atError()
                        .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                        .setCause(e)
                        .log("Attempt failed for a reason nobody foresaw");
                return failed(Failure.of(
                        ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL, "The worker failed unexpectedly"));
            } finally {
                if (!judged) {
                    breaker.releasePermission();
                }
            }
        }

        /** A file that is missing may be the graph's own fault, so it does not. */
        private static boolean speaksAgainstTheServer(Failure failure) {
            return failure.category() == FailureCategory.BACKEND_LOST && failure.code() != ErrorCode.OUTPUT_MISSING;
        }

        private String stopped(StopReason reason) {
            return switch (reason) {
                case FENCED -> {
                    reporter.discard();
                    yield "fenced";
                }
                case CANCELED -> {
                    reporter.report(AttemptReport.AttemptCanceled::new);
                    yield "canceled";
                }
                case EVICTED -> {
                    Failure failure = Failure.of(
                            ErrorCode.ATTEMPT_EVICTED, FailureCategory.EVICTED, "The worker gave the attempt back");
                    reporter.report((ref, n, at) -> new AttemptReport.AttemptFailed(ref, n, at, failure));
                    yield "evicted";
                }
            };
        }

        private String failed(Failure failure) {
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                    .addKeyValue("code", failure.code())
                    .log("Attempt failed");
            reporter.report((ref, n, at) -> new AttemptReport.AttemptFailed(ref, n, at, failure));
            return "failed";
        }

        /** The lease is kept until the final report is acknowledged, or somebody else has the job. */
        private void awaitDelivered() throws InterruptedException {
            while (!reporter.awaitDelivered(TURN)) {
                if (attempt.stopReason() == StopReason.FENCED) {
                    reporter.discard();
                    return;
                }
            }
        }
    }
}
