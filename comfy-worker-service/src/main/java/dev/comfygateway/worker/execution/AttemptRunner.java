package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.id.Ids;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.observability.MetricNames;
import dev.comfygateway.observability.TraceContexts;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.Slot;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.InputLoader;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.OutputStore;
import dev.comfygateway.worker.output.Outputs;
import dev.comfygateway.worker.reporting.AttemptReporter;
import dev.comfygateway.worker.reporting.AttemptReporters;
import dev.comfygateway.worker.settings.ExecutionProperties;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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

    /** One step of an attempt, as a span. */
    private interface Step<T> {
        T run() throws InterruptedException;
    }

    private final HeldAttempts held;
    private final InputLoader inputs;
    private final OutputFetcher fetcher;
    private final OutputStore store;
    private final AttemptReporters reporters;
    private final ExecutionProperties settings;
    private final TraceContexts traces;
    private final ObservationRegistry observations;

    public AttemptRunner(
            HeldAttempts held,
            InputLoader inputs,
            OutputFetcher fetcher,
            OutputStore store,
            AttemptReporters reporters,
            ExecutionProperties settings,
            TraceContexts traces,
            ObservationRegistry observations) {
        this.held = held;
        this.inputs = inputs;
        this.fetcher = fetcher;
        this.store = store;
        this.reporters = reporters;
        this.settings = settings;
        this.traces = traces;
        this.observations = observations;
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
                run.releaseAll();
            } else {
                attempt.backend().slot().releasePrepare();
            }
            held.remove(attempt);
        }
    }

    private <T> T step(String name, Step<T> step) throws InterruptedException {
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

    /** One attempt under way, with the permits it has. */
    private final class Run {

        private final Attempt attempt;
        private final Grant grant;
        private final Backend backend;
        private final Slot slot;
        private final AttemptReporter reporter;
        private final Set<String> prompts = new HashSet<>();
        private boolean preparing = true;
        private boolean executing;
        private boolean finishing;

        Run(Attempt attempt, AttemptReporter reporter) {
            this.attempt = attempt;
            this.grant = attempt.grant();
            this.backend = attempt.backend();
            this.slot = backend.slot();
            this.reporter = reporter;
        }

        String toTheEnd() throws InterruptedException {
            String outcome = work();
            releaseAll();
            forgetPrompts();
            if (!outcome.equals("fenced")) {
                step("report", () -> {
                    awaitDelivered();
                    return outcome;
                });
            }
            return outcome;
        }

        /** Does everything, and leaves one final report with the reporter. */
        private String work() throws InterruptedException {
            try {
                produce();
                return "succeeded";
            } catch (AttemptStoppedException e) {
                return stopped(e.reason());
            } catch (AttemptFailedException e) {
                return attempt.stopReason() == StopReason.FENCED ? stopped(StopReason.FENCED) : failed(e.failure());
            } catch (RestClientException | ComfyAnswerException e) {
                log.atWarn()
                        .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                        .log("ComfyUI failed the attempt: {}", e.getClass().getSimpleName());
                return failed(Failure.of(
                        ErrorCode.COMFYUI_UNREACHABLE, FailureCategory.BACKEND_LOST, "ComfyUI is not reachable"));
            } catch (RuntimeException e) {
                log.atError()
                        .addKeyValue(LogKeys.JOB_ID, grant.jobId())
                        .setCause(e)
                        .log("Attempt failed for a reason nobody foresaw");
                return failed(Failure.of(
                        ErrorCode.INTERNAL_ERROR, FailureCategory.INTERNAL, "The worker failed unexpectedly"));
            }
        }

        private void produce() throws InterruptedException {
            Map<String, String> uploaded =
                    step("inputs", () -> inputs.load(grant.storageTicket(), grant.inputs(), backend.client()));
            PromptResult result = execute(uploaded, "cg/" + attempt.id());
            Optional<List<FetchedOutput>> fetched = download(result);
            if (fetched.isEmpty()) {
                // Answered from the cache, and the files are gone. Another prefix makes savers write again.
                log.atInfo().addKeyValue(LogKeys.JOB_ID, grant.jobId()).log("Cached output is gone; running again");
                release(false, true);
                result = execute(uploaded, "cg/" + attempt.id() + "-2");
                fetched = download(result);
            }
            List<FetchedOutput> files = fetched.orElseThrow(() -> new AttemptFailedException(
                    ErrorCode.OUTPUT_MISSING,
                    FailureCategory.BACKEND_LOST,
                    "ComfyUI no longer has an output it named"));
            try {
                Set<String> cached = result.cachedNodes();
                List<JobOutput> outputs = step(
                        "store",
                        () -> store.store(grant.jobId(), grant.storageTicket(), files, cached, attempt::check));
                attempt.check();
                for (JobOutput output : outputs) {
                    reporter.report((ref, n, at) -> new AttemptReport.OutputStored(ref, n, at, output));
                }
                long took = result.executionTimeMs();
                reporter.report((ref, n, at) -> new AttemptReport.AttemptSucceeded(ref, n, at, outputs, took));
            } finally {
                files.forEach(file -> file.file().close());
            }
        }

        private PromptResult execute(Map<String, String> uploaded, String folder) throws InterruptedException {
            Map<String, Object> graph = GraphRewriter.rewrite(grant.workflow(), grant.inputs(), uploaded, folder);
            while (!slot.awaitExecute(TURN)) {
                if (preparing && slot.executing() && !slot.executesWithin(settings.prefetchWindow())) {
                    // What executes takes longer than expected; another worker may be free before this one.
                    attempt.stop(StopReason.EVICTED);
                }
                attempt.check();
            }
            executing = true;
            release(true, false);
            attempt.check();
            String promptId = Ids.newPromptId();
            prompts.add(promptId);
            WorkerInventory inventory = backend.inventory();
            ProgressTracker tracker = new ProgressTracker(
                    graph,
                    inventory == null ? Set.of() : inventory.outputClasses(),
                    promptId,
                    reporter,
                    slot::progressed,
                    System::nanoTime);
            try {
                PromptResult result =
                        step("prompt", () -> new PromptRun(attempt, graph, promptId, tracker, settings).run());
                // Bounds what waits on disk when storage is slow; free at once otherwise.
                while (!slot.awaitFinish(TURN)) {
                    attempt.check();
                }
                finishing = true;
                return result;
            } finally {
                executing = false;
                slot.releaseExecute();
            }
        }

        private Optional<List<FetchedOutput>> download(PromptResult result) throws InterruptedException {
            List<OutputFile> files = Outputs.find(result.outputs());
            if (files.isEmpty()) {
                throw new AttemptFailedException(new Failure(
                        ErrorCode.OUTPUT_MISSING,
                        "The workflow produced no output",
                        FailureCategory.NODE_ERROR,
                        false,
                        null,
                        null,
                        List.of()));
            }
            return step("download", () -> fetcher.fetch(grant.jobId(), files, backend.client(), attempt::check));
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

        private void release(boolean prepare, boolean finish) {
            if (prepare && preparing) {
                preparing = false;
                slot.releasePrepare();
            }
            if (finish && finishing) {
                finishing = false;
                slot.releaseFinish();
            }
        }

        void releaseAll() {
            release(true, true);
            if (executing) {
                executing = false;
                slot.releaseExecute();
            }
        }

        /** ComfyUI's history would keep prompts, and their texts, for everyone who can reach its port. */
        private void forgetPrompts() {
            List<String> ids = new ArrayList<>(prompts);
            if (!ids.isEmpty()) {
                Thread.ofVirtual().name("forget-" + attempt.id()).start(() -> {
                    for (String id : ids) {
                        try {
                            backend.client().deleteHistory(id);
                        } catch (RestClientException | ComfyAnswerException e) {
                            log.debug("History entry not deleted", e);
                        }
                    }
                });
            }
        }
    }
}
