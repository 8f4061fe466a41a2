package dev.comfygateway.simulator;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings of the simulator.
 *
 * @param dialect which release it speaks like
 * @param stepTime how long one sampling step takes
 * @param baseDirectory where input, output and temp are; a new temporary directory when absent
 * @param checkpoints the checkpoint files it claims to have
 * @param corruptCheckpoints those of them that cannot be read
 * @param maxUploadSize the largest request body it accepts
 * @param maxPixels the largest number of pixels one batch of images may have
 * @param cacheSize the memory that cached node outputs may take
 * @param historySize how many finished prompts are remembered
 * @param socketQueue how many messages may wait for one slow socket before it is dropped
 * @param stallOnSlowClient whether a client that does not read holds up all others instead, as at the real server
 */
@ConfigurationProperties("comfy.simulator")
public record SimulatorProperties(
        @DefaultValue("new") Dialect dialect,
        @DefaultValue("40ms") Duration stepTime,
        @Nullable Path baseDirectory,

        @DefaultValue({
            "sd_xl_base_1.0.ckpt",
            "sd_xl_base_1.0.safetensors",
            "v1-5-pruned-emaonly.ckpt",
            "v1-5-pruned-emaonly.safetensors"
        })
        List<String> checkpoints,

        @DefaultValue List<String> corruptCheckpoints,

        @DefaultValue("100MB") DataSize maxUploadSize,
        @DefaultValue("67108864") long maxPixels,
        @DefaultValue("256MB") DataSize cacheSize,
        @DefaultValue("10000") int historySize,
        @DefaultValue("4096") int socketQueue,
        @DefaultValue("false") boolean stallOnSlowClient) {

    /** Copies the list. */
    public SimulatorProperties {
        checkpoints = List.copyOf(checkpoints);
        corruptCheckpoints = List.copyOf(corruptCheckpoints);
    }
}
