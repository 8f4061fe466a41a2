package dev.comfygateway.storage.retention;

import dev.comfygateway.observability.LogKeys;
import dev.comfygateway.storage.asset.AssetRepository;
import dev.comfygateway.storage.asset.DeleteAsset.RemoveBytes;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Service;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Keeps of an ended job what its winning attempt made, and nothing else. Repeating it is harmless. */
@Service
public class DiscardOutputs {

    private static final Logger log = LoggerFactory.getLogger(DiscardOutputs.class);
    private static final int PARALLEL = 4;

    private final AssetRepository assets;
    private final RemoveBytes remove;
    private final Clock clock;

    DiscardOutputs(AssetRepository assets, RemoveBytes remove, Clock clock) {
        this.assets = assets;
        this.remove = remove;
        this.clock = clock;
    }

    /**
     * Discards the outputs of all attempts but the winning one.
     *
     * @param winningAttemptId null when the job ended without a result
     */
    public Mono<Void> handle(String jobId, @Nullable String winningAttemptId) {
        return assets.end(jobId, winningAttemptId, clock.instant())
                .collectList()
                .flatMap(discarded -> Flux.fromIterable(discarded)
                        .flatMap(remove::handle, PARALLEL)
                        .then(Mono.fromRunnable(() -> log(jobId, discarded.size()))));
    }

    private static void log(String jobId, int count) {
        if (count > 0) {
            log.atInfo()
                    .addKeyValue(LogKeys.JOB_ID, jobId)
                    .addKeyValue("count", count)
                    .log("Outputs discarded");
        }
    }
}
