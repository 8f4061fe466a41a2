package dev.comfygateway.worker.output;

import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.Failure;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.backend.comfy.ComfyAnswerException;
import dev.comfygateway.worker.backend.comfy.ComfyClient;
import dev.comfygateway.worker.backend.comfy.OutputFile;
import dev.comfygateway.worker.backend.comfy.PromptSignal;
import dev.comfygateway.worker.execution.AttemptFailedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Downloads outputs and verifies them: whole, not empty, of the type their name says. Blocks. */
@Component
public final class OutputFetcher {

    private static final Logger log = LoggerFactory.getLogger(OutputFetcher.class);
    private static final int TRIES = 3;

    private final Spool spool;

    public OutputFetcher(Spool spool) {
        this.spool = spool;
    }

    /**
     * Fetches all files and verifies them with the texts and pictures that are there already.
     *
     * @param looks how often a file that the server does not have is asked for
     * @param checkpoint called before each file; what it throws ends the work
     * @return empty when ComfyUI has lost a file it named: it answered from its cache and the file is gone
     * @throws AttemptFailedException when a file is not what it should be
     */
    public Optional<List<FetchedOutput>> fetch(
            String jobId,
            Outputs outputs,
            List<PromptSignal.Picture> pictures,
            int looks,
            ComfyClient client,
            Runnable checkpoint)
            throws InterruptedException {
        List<FetchedOutput> fetched = new ArrayList<>();
        boolean complete = false;
        try {
            for (OutputFile file : outputs.files()) {
                checkpoint.run();
                Optional<SpooledFile> spooled = download(file, looks, client);
                if (spooled.isEmpty()) {
                    return Optional.empty();
                }
                fetched.add(verify(file, spooled.get()));
                log.atInfo()
                        .addKeyValue(LogKeys.JOB_ID, jobId)
                        .addKeyValue("bytes", spooled.get().size())
                        .addKeyValue("file", file.filename())
                        .log("Output downloaded");
            }
            for (Outputs.TextOutput text : outputs.texts()) {
                fetched.add(verify(named(text.nodeId(), "text", fetched.size(), "txt"), spooled(text.text())));
            }
            for (PromptSignal.Picture picture : pictures) {
                String extension = picture.mediaType().equals("image/png") ? "png" : "jpg";
                String node = picture.nodeId() == null ? "" : picture.nodeId();
                fetched.add(verify(named(node, "image", fetched.size(), extension), picture.file()));
            }
            complete = true;
            return Optional.of(fetched);
        } finally {
            if (!complete) {
                fetched.forEach(output -> output.file().close());
                pictures.forEach(PromptSignal.Picture::close);
            }
        }
    }

    /** A name for an output that has none on the server. */
    private static OutputFile named(String nodeId, String what, int index, String extension) {
        return new OutputFile(nodeId, "%s_%05d.%s".formatted(what, index + 1, extension), "", "output");
    }

    private SpooledFile spooled(String text) {
        try {
            return spool.take(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<SpooledFile> download(OutputFile file, int looks, ComfyClient client) throws InterruptedException {
        int absent = 0;
        for (int tries = 1; ; tries++) {
            try {
                Optional<SpooledFile> spooled = client.view(file, spool);
                absent++;
                if (spooled.isPresent() || absent >= looks) {
                    return spooled;
                }
                Thread.sleep(100);
            } catch (IOException | ComfyAnswerException e) {
                if (tries - absent >= TRIES) {
                    throw new AttemptFailedException(
                            ErrorCode.OUTPUT_MISSING,
                            FailureCategory.BACKEND_LOST,
                            "Output " + file.filename() + " could not be downloaded whole");
                }
                Thread.sleep(200L * tries);
            }
        }
    }

    private static FetchedOutput verify(OutputFile file, SpooledFile spooled) {
        if (spooled.size() == 0) {
            spooled.close();
            throw new AttemptFailedException(new Failure(
                    ErrorCode.OUTPUT_EMPTY,
                    "Downloaded 0 bytes of output " + file.filename(),
                    FailureCategory.NODE_ERROR,
                    false,
                    file.nodeId(),
                    null,
                    List.of()));
        }
        String contentType;
        try {
            contentType = MediaTypes.verify(file.filename(), spooled);
        } catch (IOException e) {
            spooled.close();
            throw new AttemptFailedException(
                    ErrorCode.OUTPUT_MISSING,
                    FailureCategory.STORAGE,
                    "Output " + file.filename() + " could not be read from the worker's disk");
        }
        if (contentType == null) {
            spooled.close();
            throw new AttemptFailedException(new Failure(
                    ErrorCode.OUTPUT_INVALID,
                    "Output " + file.filename() + " is broken, or not of the type its name says",
                    FailureCategory.NODE_ERROR,
                    false,
                    file.nodeId(),
                    null,
                    List.of()));
        }
        return new FetchedOutput(file, spooled, contentType);
    }
}
