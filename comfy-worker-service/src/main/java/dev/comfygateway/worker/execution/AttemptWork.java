package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.attempt.AttemptReport;
import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.contract.worker.WorkerInventory;
import dev.comfygateway.id.Ids;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.InventoryReader;
import dev.comfygateway.worker.backend.Slot;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.InputLoader;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.OutputStore;
import dev.comfygateway.worker.output.SharedFolder;
import dev.comfygateway.worker.reporting.AttemptReporter;
import dev.comfygateway.worker.reporting.PreviewPublisher;
import dev.comfygateway.worker.settings.ExecutionProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.client.RestClientException;

/** What an attempt does between its grant and its outcome, with the permits it has. Used by one thread. */
final class AttemptWork {

    private static final Logger log = LoggerFactory.getLogger(AttemptWork.class);
    private static final Duration TURN = Duration.ofMillis(250);

    /** What all attempts use. */
    record Tools(
            InputLoader inputs,
            OutputFetcher fetcher,
            OutputStore store,
            PreviewPublisher previews,
            SharedFolder shared,
            ExecutionProperties settings,
            AttemptSteps steps) {}

    private final Attempt attempt;
    private final Grant grant;
    private final Backend backend;
    private final Slot slot;
    private final AttemptReporter reporter;
    private final Tools tools;
    private final ResultFiles results;
    private final PromptLimits limits;
    private final Set<String> prompts = new HashSet<>();
    private @Nullable String inputFolder;
    private boolean preparing = true;
    private boolean executing;
    private boolean finishing;
    private boolean prompted;

    AttemptWork(Attempt attempt, AttemptReporter reporter, Tools tools) {
        this.attempt = attempt;
        this.grant = attempt.grant();
        this.backend = attempt.backend();
        this.slot = backend.slot();
        this.reporter = reporter;
        this.tools = tools;
        this.results = new ResultFiles(attempt, tools);
        this.limits = new PromptLimits(attempt);
    }

    /** Blocks until the outputs are stored, and leaves the report of success with the reporter. */
    void produce() throws InterruptedException {
        GraphGuard.check(grant.workflow(), grant.inputs(), backend.inventory());
        String folder = InputLoader.randomFolder();
        inputFolder = grant.inputs().isEmpty() ? null : folder;
        Map<String, String> uploaded = attempt.interruptibly(() -> tools.steps()
                .run(
                        "inputs",
                        () -> tools.inputs().load(grant.storageTicket(), grant.inputs(), folder, backend.client())));
        GraphRewriter rewriter = new GraphRewriter(grant.workflow(), grant.inputs(), uploaded);
        PromptResult result = execute(rewriter.rewrite("cg/" + attempt.id(), Set.of()));
        Optional<List<FetchedOutput>> fetched = results.fetch(result);
        if (fetched.isEmpty() && ResultFiles.reused(result)) {
            // Answered from the cache, and the files are gone or somebody else's. Made to differ, savers run again.
            log.atInfo().addKeyValue(LogKeys.JOB_ID, grant.jobId()).log("Cached output is of no use; running again");
            release(false, true);
            result = execute(rewriter.rewrite(
                    "cg/" + attempt.id() + "-2", result.outputs().nodes()));
            fetched = results.fetch(result);
        }
        boolean manyServers = result.manyServers();
        List<FetchedOutput> files = fetched.orElseThrow(() -> new AttemptFailedException(
                ErrorCode.OUTPUT_MISSING,
                FailureCategory.BACKEND_LOST,
                "ComfyUI no longer has an output it named" + (manyServers ? PromptFailures.MANY_SERVERS : "")));
        backend.used(models(grant.workflow()));
        List<JobOutput> outputs = results.store(result, files);
        attempt.check();
        for (JobOutput output : outputs) {
            reporter.report((ref, n, at) -> new AttemptReport.OutputStored(ref, n, at, output));
        }
        long took = result.executionTimeMs();
        reporter.report((ref, n, at) -> new AttemptReport.AttemptSucceeded(ref, n, at, outputs, took));
    }

    private PromptResult execute(Map<String, Object> graph) throws InterruptedException {
        WorkerInventory inventory = backend.inventory();
        Prompt prompt = new Prompt(Ids.newPromptId(), graph, inventory == null ? Set.of() : inventory.outputClasses());
        awaitTurn();
        executing = true;
        slot.expects(grant.estimatedSeconds());
        release(true, false);
        ProgressTracker tracker = new ProgressTracker(
                graph, prompt.outputClasses(), prompt.id(), reporter, this::progressed, System::nanoTime);
        try {
            attempt.check();
            makeRoom();
            if (!backend.takesPrompts()) {
                attempt.stop(StopReason.EVICTED);
                attempt.check();
            }
            prompts.add(prompt.id());
            attempt.entered(Attempt.Phase.EXECUTING);
            PromptResult result = tools.steps()
                    .run("prompt", () -> new PromptRun(attempt, prompt, tracker, listener(), tools.settings()).run());
            attempt.entered(Attempt.Phase.FINISHING);
            prompted = true;
            releaseExecute();
            // Bounds what waits on disk when storage is slow; free at once otherwise.
            while (!slot.awaitFinish(TURN)) {
                checkOr(result);
            }
            finishing = true;
            return result;
        } catch (AttemptFailedException e) {
            prompted = true;
            throw e;
        } finally {
            releaseExecute();
        }
    }

    private void awaitTurn() throws InterruptedException {
        while (!slot.awaitExecute(TURN)) {
            boolean late =
                    slot.executing() && !slot.executesWithin(tools.settings().prefetchWindow());
            PromptLimits.Exceeded exceeded = limits.total(System.nanoTime());
            if (preparing && (late || !backend.usable() || exceeded != null)) {
                // What executes takes longer than expected, or does not end; another worker may be free before this
                // one.
                attempt.stop(StopReason.EVICTED);
            }
            attempt.check();
            if (exceeded != null) {
                throw exceeded.failure(false);
            }
        }
    }

    /** Frees memory where that has to be done before the prompt. */
    private void makeRoom() throws InterruptedException {
        boolean apart = tools.settings().isolation() == ExecutionProperties.Isolation.TENANT;
        attempt.interruptibly(() -> {
            backend.makeRoom(grant.freeMemoryFirst(), apart ? grant.tenant() : null);
            return attempt;
        });
    }

    private static Set<String> models(Map<String, Object> graph) {
        Set<String> models = new LinkedHashSet<>();
        for (Object node : graph.values()) {
            if (node instanceof Map<?, ?> fields && fields.get("inputs") instanceof Map<?, ?> inputs) {
                inputs.forEach((name, value) -> {
                    if (value instanceof String file && InventoryReader.isModelInput(String.valueOf(name))) {
                        models.add(file);
                    }
                });
            }
        }
        return models;
    }

    private void checkOr(PromptResult result) {
        try {
            attempt.check();
        } catch (AttemptStoppedException e) {
            result.pictures().forEach(PromptSignal.Picture::close);
            throw e;
        }
    }

    /** Whether ComfyUI has had to do with the attempt, so that its outcome says something about it. */
    boolean prompted() {
        return prompted;
    }

    private PromptListener listener() {
        return new PromptListener() {
            @Override
            public void ended() {
                // The next prompt is sent while this one's outputs are still looked up.
                releaseExecute();
            }

            @Override
            public void preview(PromptSignal.Picture picture) {
                tools.previews().offer(grant, picture);
            }
        };
    }

    /** The slot may already be another attempt's when the last nodes are counted. */
    private void progressed(double fraction) {
        if (executing) {
            slot.progressed(fraction);
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

    private void releaseExecute() {
        if (executing) {
            executing = false;
            slot.releaseExecute();
        }
    }

    /** Removes what the attempt has left on the server's disks, where those can be reached. */
    void removeFiles() {
        tools.shared().remove("output/cg/" + attempt.id());
        tools.shared().remove("output/cg/" + attempt.id() + "-2");
        if (inputFolder != null) {
            tools.shared().remove("input/" + inputFolder);
        }
    }

    void releaseAll() {
        release(true, true);
        releaseExecute();
    }

    /** ComfyUI's history would keep prompts, and their texts, for everyone who can reach its port. */
    void forgetPrompts() {
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
