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
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.InventoryReader;
import dev.comfygateway.worker.backend.Slot;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.InputLoader;
import dev.comfygateway.worker.output.OutputFetcher;
import dev.comfygateway.worker.output.OutputStore;
import dev.comfygateway.worker.output.Outputs;
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

    /** How often a file is asked for that a server does not have; more where every other answer is another server's. */
    private static final int LOOKS = 2;

    private static final int LOOKS_AT_MANY_SERVERS = 12;

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
    }

    /** Blocks until the outputs are stored, and leaves the report of success with the reporter. */
    void produce() throws InterruptedException {
        GraphGuard.check(grant.workflow(), grant.inputs(), backend.inventory());
        String folder = InputLoader.randomFolder();
        inputFolder = grant.inputs().isEmpty() ? null : folder;
        Map<String, String> uploaded = tools.steps()
                .run(
                        "inputs",
                        () -> tools.inputs().load(grant.storageTicket(), grant.inputs(), folder, backend.client()));
        GraphRewriter rewriter = new GraphRewriter(grant.workflow(), grant.inputs(), uploaded);
        PromptResult result = execute(rewriter.rewrite("cg/" + attempt.id(), Set.of()));
        Optional<List<FetchedOutput>> fetched = isOurs(result) ? download(result) : drop(result);
        if (fetched.isEmpty() && reused(result)) {
            // Answered from the cache, and the files are gone or somebody else's. Made to differ, savers run again.
            log.atInfo().addKeyValue(LogKeys.JOB_ID, grant.jobId()).log("Cached output is of no use; running again");
            release(false, true);
            result = execute(rewriter.rewrite(
                    "cg/" + attempt.id() + "-2", result.outputs().nodes()));
            fetched = isOurs(result) ? download(result) : drop(result);
        }
        boolean manyServers = result.manyServers();
        List<FetchedOutput> files = fetched.orElseThrow(() -> new AttemptFailedException(
                ErrorCode.OUTPUT_MISSING,
                FailureCategory.BACKEND_LOST,
                "ComfyUI no longer has an output it named" + (manyServers ? PromptFailures.MANY_SERVERS : "")));
        try {
            store(result, files);
        } finally {
            files.forEach(file -> file.file().close());
        }
    }

    private void store(PromptResult result, List<FetchedOutput> files) throws InterruptedException {
        // Only what was fetched: a file that a text names does not become the tenant's by being named.
        List<OutputFile> made = result.outputs().files();
        files.stream()
                .map(FetchedOutput::source)
                .filter(made::contains)
                .forEach(file -> backend.owners().made(file, grant.tenant()));
        backend.used(models(grant.workflow()));
        Set<String> cached = result.cachedNodes();
        List<JobOutput> outputs = tools.steps()
                .run(
                        "store",
                        () -> tools.store().store(grant.jobId(), grant.storageTicket(), files, cached, attempt::check));
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
        while (!slot.awaitExecute(TURN)) {
            boolean late =
                    slot.executing() && !slot.executesWithin(tools.settings().prefetchWindow());
            if (preparing && (late || !backend.usable())) {
                // What executes takes longer than expected, or does not end; another worker may be free before this
                // one.
                attempt.stop(StopReason.EVICTED);
            }
            attempt.check();
        }
        executing = true;
        release(true, false);
        attempt.check();
        prompts.add(prompt.id());
        ProgressTracker tracker = new ProgressTracker(
                graph, prompt.outputClasses(), prompt.id(), reporter, this::progressed, System::nanoTime);
        try {
            if (tools.settings().isolation() == ExecutionProperties.Isolation.TENANT) {
                backend.separate(grant.tenant());
            }
            PromptResult result = tools.steps()
                    .run("prompt", () -> new PromptRun(attempt, prompt, tracker, listener(), tools.settings()).run());
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

    /** Files that the server made earlier carry the text of the one who asked for them then. */
    private boolean isOurs(PromptResult result) {
        return backend.owners().allOf(cachedFiles(result), grant.tenant());
    }

    private static boolean reused(PromptResult result) {
        return !cachedFiles(result).isEmpty();
    }

    private static List<OutputFile> cachedFiles(PromptResult result) {
        return result.outputs().files().stream()
                .filter(file -> result.cachedNodes().contains(file.nodeId()))
                .toList();
    }

    /** A name in a text may be anybody's: only files of this attempt, or known to be the tenant's, are taken for it. */
    private boolean mayRead(OutputFile named) {
        String folder = "cg/" + attempt.id();
        return (named.subfolder() + "/").startsWith(folder + "/")
                || (named.subfolder() + "/").startsWith(folder + "-2/")
                || backend.owners().allOf(List.of(named), grant.tenant());
    }

    private static Optional<List<FetchedOutput>> drop(PromptResult result) {
        result.pictures().forEach(PromptSignal.Picture::close);
        return Optional.empty();
    }

    private Optional<List<FetchedOutput>> download(PromptResult result) throws InterruptedException {
        Outputs outputs = result.outputs().trusting(this::mayRead);
        if (!result.heardAll() && sendsPictures(result)) {
            // They have no other place, so nobody knows how many are missing.
            result.pictures().forEach(PromptSignal.Picture::close);
            throw new AttemptFailedException(
                    ErrorCode.OUTPUT_MISSING,
                    FailureCategory.BACKEND_LOST,
                    "The connection to ComfyUI broke while the workflow sent its pictures");
        }
        if (outputs.isEmpty() && result.pictures().isEmpty()) {
            if (!result.heardAll()) {
                throw new AttemptFailedException(
                        ErrorCode.OUTPUT_MISSING,
                        FailureCategory.BACKEND_LOST,
                        "The connection to ComfyUI broke while the workflow ran, and it left no output");
            }
            throw new AttemptFailedException(new Failure(
                    ErrorCode.OUTPUT_MISSING,
                    "The workflow produced no output",
                    FailureCategory.NODE_ERROR,
                    false,
                    null,
                    null,
                    List.of()));
        }
        int looks = result.manyServers() ? LOOKS_AT_MANY_SERVERS : LOOKS;
        return tools.steps()
                .run(
                        "download",
                        () -> tools.fetcher()
                                .fetch(
                                        grant.jobId(),
                                        outputs,
                                        result.pictures(),
                                        looks,
                                        backend.client(),
                                        attempt::check));
    }

    private boolean sendsPictures(PromptResult result) {
        return !result.pictures().isEmpty()
                || grant.workflow().keySet().stream()
                        .anyMatch(id -> "SaveImageWebsocket".equals(FailureMapper.classOf(grant.workflow(), id)));
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
