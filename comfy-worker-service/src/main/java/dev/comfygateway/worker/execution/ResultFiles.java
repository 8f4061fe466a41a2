package dev.comfygateway.worker.execution;

import dev.comfygateway.contract.claim.Grant;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.worker.backend.Backend;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.output.FetchedOutput;
import dev.comfygateway.worker.output.Outputs;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Fetches and stores what prompts of one attempt have made, and nothing that is somebody else's. */
final class ResultFiles {

    /** How often a file is asked for that a server does not have; more where every other answer is another server's. */
    private static final int LOOKS = 2;

    private static final int LOOKS_AT_MANY_SERVERS = 12;

    private final Attempt attempt;
    private final Grant grant;
    private final Backend backend;
    private final AttemptWork.Tools tools;

    ResultFiles(Attempt attempt, AttemptWork.Tools tools) {
        this.attempt = attempt;
        this.grant = attempt.grant();
        this.backend = attempt.backend();
        this.tools = tools;
    }

    /** Whether some of it was there before the prompt. */
    static boolean reused(PromptResult result) {
        return !cachedFiles(result).isEmpty();
    }

    private static List<OutputFile> cachedFiles(PromptResult result) {
        return result.outputs().files().stream()
                .filter(file -> result.cachedNodes().contains(file.nodeId()))
                .toList();
    }

    /**
     * Fetches and verifies everything. Blocks.
     *
     * @return empty when it is of no use: a file is gone, or the server made it for another tenant
     * @throws AttemptFailedException when there is nothing, or not what it should be
     */
    Optional<List<FetchedOutput>> fetch(PromptResult result) throws InterruptedException {
        // Files that the server made earlier carry the text of the one who asked for them then.
        if (!backend.owners().allOf(cachedFiles(result), grant.tenant())) {
            result.pictures().forEach(PromptSignal.Picture::close);
            return Optional.empty();
        }
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
            throw nothing(result);
        }
        int looks = result.manyServers() ? LOOKS_AT_MANY_SERVERS : LOOKS;
        return attempt.interruptibly(() -> tools.steps()
                .run(
                        "download",
                        () -> tools.fetcher()
                                .fetch(
                                        grant.jobId(),
                                        outputs,
                                        result.pictures(),
                                        looks,
                                        backend.client(),
                                        attempt::check)));
    }

    private static AttemptFailedException nothing(PromptResult result) {
        if (!result.heardAll()) {
            return new AttemptFailedException(
                    ErrorCode.OUTPUT_MISSING,
                    FailureCategory.BACKEND_LOST,
                    "The connection to ComfyUI broke while the workflow ran, and it left no output");
        }
        return new AttemptFailedException(new Failure(
                ErrorCode.OUTPUT_MISSING,
                "The workflow produced no output",
                FailureCategory.NODE_ERROR,
                false,
                null,
                null,
                List.of()));
    }

    /** A name in a text may be anybody's: only files of this attempt, or known to be the tenant's, are taken for it. */
    private boolean mayRead(OutputFile named) {
        String folder = "cg/" + attempt.id();
        return (named.subfolder() + "/").startsWith(folder + "/")
                || (named.subfolder() + "/").startsWith(folder + "-2/")
                || backend.owners().allOf(List.of(named), grant.tenant());
    }

    private boolean sendsPictures(PromptResult result) {
        return !result.pictures().isEmpty()
                || grant.workflow().keySet().stream()
                        .anyMatch(id -> "SaveImageWebsocket".equals(FailureMapper.classOf(grant.workflow(), id)));
    }

    /** Stores what was fetched. Blocks; closes the files in any case. */
    List<JobOutput> store(PromptResult result, List<FetchedOutput> files) throws InterruptedException {
        try {
            // Only what was fetched: a file that a text names does not become the tenant's by being named.
            List<OutputFile> made = result.outputs().files();
            files.stream()
                    .map(FetchedOutput::source)
                    .filter(made::contains)
                    .forEach(file -> backend.owners().made(file, grant.tenant()));
            Set<String> cached = result.cachedNodes();
            return attempt.interruptibly(() -> tools.steps()
                    .run(
                            "store",
                            () -> tools.store()
                                    .store(grant.jobId(), grant.storageTicket(), files, cached, attempt::check)));
        } finally {
            files.forEach(file -> file.file().close());
        }
    }
}
