package dev.comfygateway.worker.output;

import dev.comfygateway.contract.asset.AssetInfo;
import dev.comfygateway.contract.asset.AssetList;
import dev.comfygateway.contract.asset.UploadAnswer;
import dev.comfygateway.contract.asset.UploadAnswer.UploadTarget;
import dev.comfygateway.contract.asset.UploadCompletion;
import dev.comfygateway.contract.asset.UploadRequest;
import dev.comfygateway.contract.asset.UploadRequest.UploadFile;
import dev.comfygateway.contract.job.JobOutput;
import dev.comfygateway.contract.problem.ErrorCode;
import dev.comfygateway.contract.problem.FailureCategory;
import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.worker.execution.AttemptFailedException;
import dev.comfygateway.worker.settings.OutputProperties;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;

/** Stores outputs and has storage-service verify them; goes on trying while storage is away. Blocks. */
@Component
public final class OutputStore {

    private static final Logger log = LoggerFactory.getLogger(OutputStore.class);

    private final StorageClient storage;
    private final Duration storeFor;

    public OutputStore(StorageClient storage, OutputProperties properties) {
        this.storage = storage;
        this.storeFor = properties.storeFor();
    }

    /**
     * @param cachedNodes nodes whose files were there before this prompt
     * @param checkpoint called before each step; what it throws ends the work
     * @throws AttemptFailedException when storage refuses the bytes, or stays away for too long
     */
    public List<JobOutput> store(
            String jobId, String ticket, List<FetchedOutput> outputs, Set<String> cachedNodes, Runnable checkpoint)
            throws InterruptedException {
        long deadline = System.nanoTime() + storeFor.toNanos();
        long pause = 200;
        while (true) {
            checkpoint.run();
            AttemptFailedException problem;
            try {
                return tryStore(jobId, ticket, outputs, cachedNodes, checkpoint);
            } catch (RestClientResponseException e) {
                int status = e.getStatusCode().value();
                log.atWarn().addKeyValue(LogKeys.JOB_ID, jobId).log("storage-service answered {}", status);
                problem = new AttemptFailedException(
                        ErrorCode.STORAGE_S3_PUT_ERROR, FailureCategory.STORAGE, "The outputs could not be stored");
                if (status < 500 && status != 408 && status != 425 && status != 429) {
                    throw problem;
                }
            } catch (PutRefusedException e) {
                log.atWarn().addKeyValue(LogKeys.JOB_ID, jobId).log("{}", e.getMessage());
                problem = new AttemptFailedException(
                        ErrorCode.STORAGE_S3_PUT_ERROR, FailureCategory.STORAGE, "Storage refused the outputs");
            } catch (IOException | RestClientException e) {
                log.atWarn()
                        .addKeyValue(LogKeys.JOB_ID, jobId)
                        .log("Storage is away: {}", e.getClass().getSimpleName());
                problem = new AttemptFailedException(
                        ErrorCode.STORAGE_UNAVAILABLE, FailureCategory.STORAGE, "Storage is not available");
            }
            if (System.nanoTime() > deadline) {
                throw problem;
            }
            Thread.sleep(pause);
            pause = Math.min(pause * 2, 5_000);
        }
    }

    private List<JobOutput> tryStore(
            String jobId, String ticket, List<FetchedOutput> outputs, Set<String> cachedNodes, Runnable checkpoint)
            throws IOException, InterruptedException {
        List<UploadFile> files = new ArrayList<>();
        for (FetchedOutput output : outputs) {
            files.add(new UploadFile(
                    files.size(),
                    output.source().filename(),
                    output.contentType(),
                    output.file().size(),
                    output.file().sha256()));
        }
        UploadAnswer answer = storage.announce(ticket, new UploadRequest(files));
        Map<Integer, UploadTarget> targets = new HashMap<>();
        answer.targets().forEach(target -> targets.put(target.index(), target));
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            checkpoint.run();
            UploadTarget target = targets.get(i);
            if (target == null) {
                throw new PutRefusedException("storage-service gave no target for output " + i);
            }
            ids.add(target.assetId());
            int status = storage.put(target, outputs.get(i).file());
            // 412: an earlier try has put it, and its answer was lost. The completion verifies the bytes.
            if (status / 100 != 2 && status != 412) {
                throw new PutRefusedException("Storage answered " + status + " to an output");
            }
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, jobId)
                    .addKeyValue("bytes", outputs.get(i).file().size())
                    .addKeyValue("asset.id", target.assetId())
                    .log("Output uploaded");
        }
        AssetList verified = storage.complete(ticket, new UploadCompletion(ids));
        return describe(outputs, ids, verified, cachedNodes);
    }

    private static List<JobOutput> describe(
            List<FetchedOutput> outputs, List<String> ids, AssetList verified, Set<String> cachedNodes)
            throws PutRefusedException {
        Map<String, AssetInfo> assets = new HashMap<>();
        verified.assets().forEach(asset -> assets.put(asset.assetId(), asset));
        List<JobOutput> stored = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            FetchedOutput output = outputs.get(i);
            AssetInfo asset = assets.get(ids.get(i));
            if (!matches(asset, output)) {
                throw new PutRefusedException("storage-service verified other bytes than were sent");
            }
            stored.add(new JobOutput(
                    ids.get(i),
                    i,
                    output.source().filename(),
                    output.contentType(),
                    output.file().size(),
                    output.file().sha256(),
                    MediaTypes.kind(output.contentType()),
                    output.source().nodeId(),
                    output.source().temporary(),
                    cachedNodes.contains(output.source().nodeId())));
        }
        return stored;
    }

    private static boolean matches(@Nullable AssetInfo asset, FetchedOutput output) {
        return asset != null
                && asset.size() == output.file().size()
                && asset.sha256().equalsIgnoreCase(output.file().sha256());
    }

    private static final class PutRefusedException extends IOException {
        PutRefusedException(String message) {
            super(message);
        }
    }
}
