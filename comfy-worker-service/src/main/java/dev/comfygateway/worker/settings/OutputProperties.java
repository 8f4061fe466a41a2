package dev.comfygateway.worker.settings;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How outputs are kept until they are stored.
 *
 * @param spool folder for files above {@code memoryLimit}; emptied at start
 * @param memoryLimit files up to this size stay in memory
 * @param storeFor how long storing is tried again before the attempt fails
 * @param sharedFolder ComfyUI's base folder, where the worker can reach it, so that it can remove files; or empty
 */
@ConfigurationProperties("comfy.worker.output")
public record OutputProperties(
        @DefaultValue("${java.io.tmpdir}/comfy-worker-spool")
        Path spool,

        @DefaultValue("8MB") DataSize memoryLimit,
        @DefaultValue("2m") Duration storeFor,
        @Nullable Path sharedFolder) {}
